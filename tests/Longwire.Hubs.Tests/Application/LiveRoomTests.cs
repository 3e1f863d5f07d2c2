using System.Collections.Concurrent;
using System.Text;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class LiveRoomTests
{
    [Fact]
    public async Task A_room_comes_with_its_first_member_and_goes_with_its_last()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient ann = await host.ConnectAsync("ann");
        HubTestClient bob = await host.ConnectAsync("bob");
        await ann.JoinAsync("game:1");
        await bob.JoinAsync("game:1");
        await bob.LeaveAsync("game:1");
        await ann.LeaveAsync("game:1");
        await ann.JoinAsync("game:1");
        Assert.Equal(["open", "seat ann", "seat bob", "leave bob Left", "leave ann Left", "dispose", "open", "seat ann"], log.Lines);
    }

    [Fact]
    public async Task A_seat_belongs_to_the_user_and_lasts_over_the_grace()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient first = await host.ConnectAsync("ann");
        HubTestClient second = await host.ConnectAsync("ann");
        await first.JoinAsync("game:1");
        await second.JoinAsync("game:1");
        await second.LeaveAsync("game:1");
        first.Cut();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        await first.ReturnAsync();
        await first.JoinAsync("game:1");
        first.Cut();
        host.Time.Advance(TimeSpan.FromSeconds(31));
        await WaitForAsync(log, "dispose");
        Assert.Equal(
            ["open", "seat ann", "lost ann", "return ann", "lost ann", "leave ann Lost", "dispose"],
            log.Lines.Where(line => !line.StartsWith("tick"))
        );
    }

    [Fact]
    public async Task The_room_itself_refuses()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient eve = await host.ConnectAsync("eve");
        Assert.Equal("Full", (await Assert.ThrowsAsync<HubRefusedException>(() => eve.JoinAsync("game:1"))).Message);
        Assert.Equal(["open", "dispose"], log.Lines);
    }

    [Fact]
    public async Task Messages_bytes_and_the_clock_reach_the_room_in_turn()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("game:1");
        ann.Send(null, new Steer(2));
        Assert.Equal(4, await ann.AskAsync<int>("game:1", new Twice(2)));
        ann.Send(Encoding.UTF8.GetBytes("\u0001\u0006game:1\u0002m1\u0007"), isBinary: true);
        await ann.NextAsync("ack");
        host.Time.Advance(TimeSpan.FromMilliseconds(100));
        ReceivedMessage frame = await ann.NextAsync("frame");
        Assert.Equal(("game:1", 3), (frame.Room, frame.As<Frame>().Sum));
        Assert.Equal([0xff, 9], ann.ReceivedBytes[^1].Payload);
        Assert.Equal("game:1", ann.ReceivedBytes[^1].Room);
        Assert.Equal(["open", "seat ann", "steer ann 2", "bytes ann 7", "tick 1 100"], log.Lines);
    }

    [Fact]
    public async Task Calls_of_one_room_never_overlap()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient[] clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => host.ConnectAsync($"user{i}")));
        await Task.WhenAll(clients.Select(client => client.JoinAsync("game:1")));
        await Task.WhenAll(
            clients.Select(client =>
                Task.Run(async () =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        await client.AskAsync<int>("game:1", new Twice(i));
                    }
                })
            )
        );
        Assert.Equal(0, log.Overlaps);
        Assert.Equal(1_600, log.Calls);
    }

    [Fact]
    public async Task A_call_of_a_room_that_makes_its_own_member_leave_does_not_wait_for_itself()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("game:1");
        ann.Send("game:1", new Quit());
        await ann.NextAsync("left-room");
        await WaitForAsync(log, "dispose");
    }

    [Fact]
    public async Task A_call_that_fails_is_logged_and_the_room_lives_on()
    {
        var log = new Journal();
        await using HubTestHost host = await StartAsync(log);
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("game:1");
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => ann.AskAsync<int>("game:1", new Twice(-1)));
        Assert.Equal("negative", refused.InnerException!.Message);
        Assert.Equal(4, await ann.AskAsync<int>("game:1", new Twice(2)));
    }

    private static Task<HubTestHost> StartAsync(Journal log) =>
        HubTestHost.StartAsync(
            hub =>
                hub.MapRoom<Arena>("game:{id}")
                    .WithTick(10)
                    .WithPresence(o => o.Grace = TimeSpan.FromSeconds(30))
                    .WithSlowConsumer(SlowConsumerPolicy.KeepLatest)
                    .On<Steer>(static (arena, request, steer) => arena.Steer(arena.SeatOf(request), steer.By))
                    .On<Twice, int>(static (arena, _, twice) => arena.TwiceAsync(twice.Number))
                    .On<Quit>(static async (arena, request, _) => await request.Session.LeaveAsync(arena.Room.Name)),
            services => services.AddSingleton(log),
            options => options.RateLimit = null
        );

    private static async Task WaitForAsync(Journal log, string line) => await Eventually.TrueAsync(() => log.Lines.Contains(line));

    private sealed record Steer(int By);

    private sealed record Twice(int Number);

    private sealed record Quit;

    private sealed record Frame(int Sum);

    private sealed class Journal
    {
        private int _calls;
        private int _inside;

        public ConcurrentQueue<string> Lines { get; } = new();

        public int Overlaps { get; private set; }

        public int Calls => _calls;

        public void Write(string line) => Lines.Enqueue(line);

        public async ValueTask InsideAsync()
        {
            Interlocked.Increment(ref _calls);
            Overlaps += Interlocked.Increment(ref _inside) == 1 ? 0 : 1;
            await Task.Yield();
            Interlocked.Decrement(ref _inside);
        }
    }

    private sealed class Arena : LiveRoom<int>, IDisposable
    {
        private readonly Journal _log;

        public Arena(Journal log)
        {
            _log = log;
            log.Write("open");
        }

        public void Steer(Seat<int> seat, int by)
        {
            seat.State += by;
            _log.Write($"steer {seat.UserId} {by}");
        }

        public async ValueTask<int> TwiceAsync(int number)
        {
            await _log.InsideAsync();
            return number < 0 ? throw new InvalidOperationException("negative") : 2 * number;
        }

        public void Dispose() => _log.Write("dispose");

        protected override HubDecision OnJoin(JoinRequest join) => join.UserId == "eve" ? join.Refuse("Full") : join.Accept();

        protected override int OnSeat(Seat<int> seat)
        {
            _log.Write($"seat {seat.UserId}");
            return 1;
        }

        protected override void OnBinary(Seat<int> seat, ReadOnlySpan<byte> payload) => _log.Write($"bytes {seat.UserId} {payload[0]}");

        protected override void OnTick(in RoomTick tick)
        {
            _log.Write($"tick {tick.Number} {tick.Elapsed.TotalMilliseconds}");
            foreach (Seat<int> seat in Seats)
            {
                seat.TrySend([0xff, 9], SendOptions.Latest("world"));
                seat.TrySend(new Frame(seat.State));
            }
        }

        protected override void OnLost(Seat<int> seat) => _log.Write($"lost {seat.UserId}");

        protected override void OnReturn(Seat<int> seat) => _log.Write($"return {seat.UserId}");

        protected override void OnLeave(Seat<int> seat, LeaveCause cause) => _log.Write($"leave {seat.UserId} {cause}");
    }
}
