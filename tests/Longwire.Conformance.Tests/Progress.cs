using System.Diagnostics;

namespace Longwire.Conformance.Tests;

/// <summary>Waits for a count that nothing announces. It may take as long as it takes, but not stand still.</summary>
internal static class Progress
{
    private static readonly TimeSpan _standstill = TimeSpan.FromMinutes(2);

    public static async Task ToAsync(int goal, Func<int> count)
    {
        int last = count();
        var unchanged = Stopwatch.StartNew();
        while (last < goal)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            int now = count();
            if (now != last)
            {
                last = now;
                unchanged.Restart();
            }

            Assert.True(unchanged.Elapsed < _standstill, $"It stood still at {now} of {goal}.");
        }
    }
}
