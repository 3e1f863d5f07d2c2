using System.Net;
using BenchmarkDotNet.Attributes;
using Longwire.Hubs;
using Longwire.Hubs.Benchmarks;

namespace Longwire.Benchmarks;

/// <summary>
/// All that a publication is asked by the limits: may its session, its user, its address and its room send one message more, and so many
/// bytes. The baseline is the same of a hub without limits.
/// </summary>
public class LimitBenchmarks
{
    private const int Messages = 64;
    private const int Bytes = 154;

    private readonly Speaker _limited = new(Limits.All());
    private readonly Speaker _free = new(Limits.None());

    /// <summary>Whether the sender has not signed in: two accounts count a guest, its own and its address's.</summary>
    [Params(false, true)]
    public bool IsGuest { get; set; }

    [GlobalSetup]
    public async Task SetUp()
    {
        await _limited.StartAsync(IsGuest);
        await _free.StartAsync(IsGuest);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _limited.DisposeAsync();
        await _free.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public int WithoutLimits() => _free.Ask();

    [Benchmark(OperationsPerInvoke = Messages)]
    public int WithAll() => _limited.Ask();

    private sealed class Speaker(LongwireHubOptions options) : IAsyncDisposable
    {
        private readonly Hub _hub = new(options);
        private readonly CountingLink _link = new();
        private HubSession? _session;
        private Room? _room;
        private TimeSpan _now;

        public async Task StartAsync(bool isGuest)
        {
            await _hub.StartAsync();
            HubIdentity? identity = isGuest ? null : new HubIdentity("user");
            _hub.Accept(_link, new HubHandshake { Identity = identity, RemoteAddress = IPAddress.Loopback });
            _session = _link.Session!;
            _session.Receive(_link, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
            _room = _session.FindMembership("general")!.Room;
            _now = _hub.Context.Clock.Now;
        }

        /// <summary>Asks for several messages, each a microsecond after the one before.</summary>
        public int Ask()
        {
            int refused = 0;
            for (int message = 0; message < Messages; message++)
            {
                _now += TimeSpan.FromMicroseconds(1);
                bool isTaken =
                    _session!.TryTakeToken(Bytes, _now, out _, out _)
                    && _hub.Requests.Refusals.TryTakeOfRoom(_session, _room!, Bytes, _now, id: null);
                refused += isTaken ? 0 : 1;
            }

            return refused == 0 ? refused : throw new InvalidOperationException("The limits are so high that nothing is refused.");
        }

        public ValueTask DisposeAsync() => _hub.DisposeAsync();
    }
}
