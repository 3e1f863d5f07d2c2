namespace Longwire.Tests;

public sealed class TimerWheelTests
{
    private static (TimerWheel Wheel, ManualTimeProvider Time) Make()
    {
        var time = new ManualTimeProvider();
        return (TimerWheel.For(time), time);
    }

    private static Bench Dying(ManualTimeProvider time, double seconds)
    {
        var bench = new Bench(
            options: new WebSocketConnectionOptions
            {
                CloseTimeout = TimeSpan.FromSeconds(seconds),
                PingInterval = Timeout.InfiniteTimeSpan,
            },
            time: time
        );
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        return bench;
    }

    [Fact]
    public void One_clock_has_one_wheel_and_one_timer_for_all_connections_and_none_without()
    {
        (TimerWheel wheel, ManualTimeProvider time) = Make();
        Assert.Same(wheel, TimerWheel.For(time));
        Assert.Equal(0, time.ActiveTimers);
        Bench[] benches = [.. Enumerable.Range(0, 100).Select(_ => new Bench(time: time))];
        Assert.Equal(100, wheel.Count);
        Assert.Equal(1, time.ActiveTimers);
        foreach (Bench bench in benches)
        {
            bench.Transport.End();
        }

        Assert.Equal(0, wheel.Count);
        Assert.Equal(0, time.ActiveTimers);
    }

    [Fact]
    public void Each_call_comes_at_its_time_or_one_tick_later_near_and_far() =>
        Seeded.Run(
            8,
            random =>
            {
                (_, ManualTimeProvider time) = Make();
                time.Advance(TimeSpan.FromMilliseconds(random.Next(1_000_000)));
                var due = new List<(Bench Bench, double Seconds)>();
                for (int i = 0; i < 200; i++)
                {
                    double seconds = random.Next(3) switch
                    {
                        0 => random.NextDouble(),
                        1 => 120 * random.NextDouble(),
                        _ => 1000 * random.NextDouble(),
                    };
                    due.Add((Dying(time, seconds + 0.001), seconds + 0.001));
                }

                long start = time.GetTimestamp();
                while (due.Count != 0)
                {
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 700)));
                    double now = TimeSpan.FromTicks(time.GetTimestamp() - start).TotalSeconds;
                    foreach ((Bench bench, double seconds) in due)
                    {
                        Assert.False(bench.Transport.Closed && now < seconds - 0.001, $"Called early: {now} for {seconds}.");
                        Assert.False(!bench.Transport.Closed && now > seconds + 0.2, $"Called late: {now} for {seconds}.");
                    }

                    due.RemoveAll(item => item.Bench.Transport.Closed);
                }
            }
        );

    [Fact]
    public void A_clock_that_jumps_far_ahead_calls_everyone_who_is_due()
    {
        (TimerWheel wheel, ManualTimeProvider time) = Make();
        Bench[] benches = [.. Enumerable.Range(1, 500).Select(i => Dying(time, i * 0.7))];
        time.Jump(TimeSpan.FromHours(1));
        Assert.All(benches, bench => Assert.True(bench.Transport.Closed));
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void A_wheel_that_its_owner_turns_makes_no_timer()
    {
        var time = new ManualTimeProvider();
        var wheel = new TimerWheel(time);
        var transport = new OwnWheelTransport(wheel);
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, new WebSocketConnectionOptions { TimeProvider = time });
        connection.Start();
        Assert.Equal(1, wheel.Count);
        Assert.Equal(0, time.ActiveTimers);
        connection.TryClose(CloseStatus.NormalClosure);
        time.Advance(TimeSpan.FromSeconds(5.2));
        Assert.False(transport.Closed);
        wheel.Advance();
        Assert.True(transport.Closed);
    }

    [Fact]
    public void A_connection_that_is_gone_is_not_kept_by_the_wheel_and_neither_is_a_clock()
    {
        WeakReference clock = Use();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(clock.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Use()
        {
            (_, ManualTimeProvider time) = Make();
            var bench = new Bench(time: time);
            bench.Transport.End();
            return new WeakReference(time);
        }
    }

    private sealed class OwnWheelTransport(TimerWheel wheel) : WebSocketTransport
    {
        private readonly System.Buffers.ArrayBufferWriter<byte> _output = new();

        public bool Closed { get; private set; }

        protected internal override System.Buffers.IBufferWriter<byte> Output => _output;

        protected internal override TimerWheel? Timers => wheel;

        protected internal override void Start() => Connection.Opened();

        protected internal override bool TryFlush() => true;

        protected internal override void ResumeReceiving() { }

        protected internal override void Close(bool abort) => Closed = true;
    }
}
