using System.Diagnostics;

namespace Longwire.Soak;

/// <summary>Waits that end when nothing goes on any more, however slow the machine is.</summary>
internal static class Standstill
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until something is so.</summary>
    /// <param name="done">Whether it is.</param>
    /// <param name="progress">A number that changes as long as something goes on.</param>
    /// <param name="what">The state that is waited for, for the message.</param>
    /// <exception cref="TimeoutException">Nothing went on for two minutes.</exception>
    public static async Task UntilAsync(Func<bool> done, Func<long> progress, Func<string> what)
    {
        long last = progress();
        long since = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (progress() is var now && now != last)
            {
                last = now;
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) > _patience)
            {
                throw new TimeoutException($"For two minutes nothing went on: {what()}.");
            }

            await Task.Delay(_interval);
        }
    }
}
