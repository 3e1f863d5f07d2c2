namespace Longwire.Yjs.Tests;

/// <summary>How long a test waits for what must happen before it calls it a failure.</summary>
internal static class Patience
{
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(4);

    /// <summary>Waits for a condition that nothing announces.</summary>
    public static async Task UntilAsync(Func<bool> condition, string expectation)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - start < Long.TotalMilliseconds, $"Waited in vain: {expectation}");
            await Task.Delay(5);
        }
    }
}
