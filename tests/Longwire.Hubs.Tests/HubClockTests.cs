namespace Longwire.Hubs.Tests;

/// <summary>The hub's clock, once a second, on a machine that may be too busy for it.</summary>
public sealed class HubClockTests
{
    [Fact]
    public async Task A_tick_is_not_overtaken_by_the_next_one()
    {
        using var clock = new HeldClock();
        await using var hub = new Hub(new LongwireHubOptions { TimeProvider = clock });
        await hub.StartAsync();
        clock.HoldNext();
        Task first = Task.Run(clock.Tick);
        Assert.True(clock.IsReached.Wait(TimeSpan.FromMinutes(2)), "The hub has not asked for the time.");
        int asked = clock.Asked;
        clock.Tick();
        Assert.Equal(asked, clock.Asked);

        clock.Release();
        await first.WaitAsync(TimeSpan.FromMinutes(2));
        asked = clock.Asked;
        clock.Tick();
        Assert.True(clock.Asked > asked, "The clock stands still behind a tick that was held up.");
    }

    /// <summary>Fires when the test says so, and may hold up the one that asks for the time next.</summary>
    private sealed class HeldClock : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _release = new();
        private Action? _tick;
        private bool _holdsNext;
        private int _asked;

        public ManualResetEventSlim IsReached { get; } = new();

        public int Asked => Volatile.Read(ref _asked);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _asked);
            if (Interlocked.Exchange(ref _holdsNext, false))
            {
                IsReached.Set();
                _release.Wait();
            }

            return 0;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick ??= () => callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void HoldNext() => Volatile.Write(ref _holdsNext, true);

        public void Release() => _release.Set();

        public void Tick() => _tick!();

        public void Dispose()
        {
            _release.Set();
            _release.Dispose();
            IsReached.Dispose();
        }
    }
}
