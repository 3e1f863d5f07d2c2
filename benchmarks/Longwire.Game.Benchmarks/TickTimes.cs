using System.Globalization;

namespace Longwire.Game.Benchmarks;

/// <summary>When a clock's turns began, and how far from even they were.</summary>
internal sealed class TickTimes
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _times = [];

    /// <summary>Forgets the turns so far.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _times.Clear();
        }
    }

    public void Add(TimeSpan time)
    {
        lock (_lock)
        {
            _times.Add(time);
        }
    }

    /// <summary>The turns a second, and how many milliseconds 99 of 100 came at most too early or too late after the one before.</summary>
    public TickFigures Judge()
    {
        lock (_lock)
        {
            if (_times.Count < 3)
            {
                return new TickFigures(0, double.PositiveInfinity);
            }

            double[] between = [.. _times.Zip(_times.Skip(1), static (one, next) => (next - one).TotalMilliseconds)];
            // Even means as often as this clock goes on the whole: a timer that counts whole milliseconds has 17 of them for a sixtieth of a second.
            double mean = between.Average();
            double[] off = [.. between.Select(time => Math.Abs(time - mean)).Order()];
            return new TickFigures(1_000 / mean, off[(int)Math.Ceiling(off.Length * 0.99) - 1]);
        }
    }
}

/// <summary>The rate of a clock's turns, and how evenly they came.</summary>
/// <param name="PerSecond">How many there were a second.</param>
/// <param name="Jitter">How far 99 of 100 were at most from coming evenly, in milliseconds.</param>
internal sealed record TickFigures(double PerSecond, double Jitter)
{
    /// <summary>Reads what <see cref="ToString"/> has written, and what the peer writes.</summary>
    public static TickFigures Parse(string text)
    {
        string[] parts = text.Split(' ');
        return new TickFigures(double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:R} {Jitter:R}");
}
