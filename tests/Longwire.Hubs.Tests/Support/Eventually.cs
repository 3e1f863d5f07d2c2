using System.Diagnostics;

namespace Longwire.Hubs.Tests;

/// <summary>Waits, without sleeping, for what another thread is about to do; and not for ever.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "It did not come about in time.");
            await Task.Yield();
        }
    }
}
