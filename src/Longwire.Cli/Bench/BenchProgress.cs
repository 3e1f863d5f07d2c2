using System.Diagnostics;
using System.Globalization;

namespace Longwire.Cli.Bench;

/// <summary>Watches a measurement as it goes on: keeps its course, and draws it where somebody looks.</summary>
/// <param name="workers">The workers that measure.</param>
/// <param name="options">What.</param>
/// <param name="screen">Where to draw; null for nowhere.</param>
/// <param name="width">The columns of the screen.</param>
internal sealed class BenchProgress(IReadOnlyList<IBenchWorker> workers, BenchOptions options, TextWriter? screen, Func<int> width)
{
    // Longer runs are kept more coarsely.
    private const int MaxSamples = 600;
    private const string Bars = "▁▂▃▄▅▆▇█";

    private static readonly TimeSpan _sampling = TimeSpan.FromMilliseconds(250);

    private readonly List<double> _rates = [];

    /// <summary>Messages a second, in equal spans of the time that was watched.</summary>
    public IReadOnlyList<double> Course => _rates;

    /// <summary>Watches until the measurement is over.</summary>
    public async Task WatchAsync(Task measuring)
    {
        double seconds = Math.Max(_sampling.TotalSeconds, options.Duration.TotalSeconds / MaxSamples);
        long began = Stopwatch.GetTimestamp();
        long last = began;
        long seen = 0;
        while (!measuring.IsCompleted)
        {
            await Task.WhenAny(measuring, Task.Delay(TimeSpan.FromSeconds(seconds)));
            long now = Stopwatch.GetTimestamp();
            long completed = workers.Sum(static worker => worker.Completed);
            double span = Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            // Before the window nothing counts, and what is left of a span at the end says little.
            if (completed > 0 && span > seconds / 2)
            {
                _rates.Add((completed - seen) / span);
                Draw(Stopwatch.GetElapsedTime(began, now), completed);
            }

            (last, seen) = (now, completed);
        }

        screen?.Write("\r\e[K");
        screen?.Flush();
    }

    /// <summary>A small chart of the last figures: one cell each, the highest is the tallest.</summary>
    public static string Chart(IReadOnlyList<double> figures, int cells)
    {
        double[] last = [.. figures.TakeLast(cells)];
        double most = last.DefaultIfEmpty(0).Max();
        return string.Concat(last.Select(figure => Bars[most == 0 ? 0 : (int)Math.Round(figure / most * (Bars.Length - 1))]));
    }

    private void Draw(TimeSpan elapsed, long completed)
    {
        if (screen is null)
        {
            return;
        }

        TimeSpan whole = options.WarmUp + options.Duration;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds:0} of {whole.TotalSeconds:0} s   {completed:N0}   {_rates[^1]:N0}/s  "
        );
        screen.Write($"\r\e[K{text}{Chart(_rates, Math.Max(0, width() - text.Length - 1))}");
        screen.Flush();
    }
}
