using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Longwire.Client;
using Longwire.Hubs.Client;
using Longwire.Transport.Linux;

namespace Longwire.Soak;

/// <summary>
/// Many clients of a hub whose server goes: once another takes its place, as in a rolling restart, and it tells each client when to come back;
/// once it is killed, and comes back empty. All have to be back in their rooms, what each published meanwhile has to be published once, and
/// the times at which they come are spread.
/// </summary>
internal sealed class Storm(StormOptions options, TextWriter output)
{
    // Of a tenth of a time, an even spread has 10 %.
    private const double MostInATenth = 0.2;
    private const int FewestToJudge = 200;
    private const int OpenAtOnce = 100;

    // Of the clients that come within five seconds: chance makes a tenth of the rate, and a machine that stands still for a moment as much.
    private const double RateTolerance = 1.25;
    private static readonly TimeSpan _rateSpan = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly List<string> _faults = [];

    /// <summary>The delays of the attempts since the server went, by their number.</summary>
    private readonly ConcurrentDictionary<int, ConcurrentBag<TimeSpan>> _delays = new();

    /// <summary>The publication of each client since the server went.</summary>
    private readonly ConcurrentDictionary<int, Task<SendReceipt>> _words = new();

    private volatile int _port;

    /// <summary>Why connections were lost and attempts failed since the server went.</summary>
    private readonly ConcurrentDictionary<string, int> _reasons = new();

    private int _open;
    private TimeSpan _used;

    public async Task<bool> RunAsync()
    {
        Say($"{options.Clients:N0} clients, {options.Transport}, {options.Rate:N0} a second told, seed {options.Seed}");
        StormProcess server = await StormProcess.StartAsync(options.Transport, port: 0);
        _port = server.Port;
        // A stack of HTTP for each client would take more of the machine than the server that all of them load.
        await using var loops = new EventLoopGroup();
        HubClient[] clients = [.. Enumerable.Range(0, options.Clients).Select(number => Create(number, loops))];
        try
        {
            using var gate = new SemaphoreSlim(OpenAtOnce);
            await Task.WhenAll(clients.Select((client, number) => OpenAsync(client, number, gate))).WaitAsync(_patience);
            server = await HandOverAsync(server);
            Judge(1, options.ReconnectOver);
            server = await KillAsync(server);
            foreach (int attempt in _delays.Keys.Order())
            {
                Judge(attempt, TimeSpan.FromSeconds(Math.Min(30, Math.Pow(1.5, attempt - 1))));
            }
        }
        finally
        {
            server.Dispose();
            await Task.WhenAll(clients.Select(static client => client.DisposeAsync().AsTask()));
        }

        _faults.ForEach(fault => output.WriteLine("FAILED " + fault));
        output.WriteLine(_faults.Count == 0 ? "Everything held." : $"Faults were found, seed {options.Seed}.");
        return _faults.Count == 0;
    }

    private HubClient Create(int number, EventLoopGroup loops)
    {
        var random = new Random(options.Seed + number);
        HubClient client = new(
            "ws://127.0.0.1/hub",
            new HubClientOptions
            {
                Token = _ => Task.FromResult($"user-{number}"),
                Random = options.Fault == StormFault.NoJitter ? static () => 0.99 : random.NextDouble,
                // Both times begin with attempt 1, however soon the second comes.
                Reconnect = new ReconnectOptions { MaxAttempts = StaysAway(number) ? 0 : null, StableAfter = TimeSpan.FromTicks(1) },
                // Nobody is taken for dead where the machine stands still for a while: only what the server does is to send clients away.
                Socket = new WebSocketClientOptions { Connection = new WebSocketConnectionOptions { PingInterval = StormServer.Silence } },
                // One address, behind which servers take each other's place.
                Connect = (address, handler, socket, cancellationToken) =>
                    new LoopWebSocketClient(
                        loops,
                        new LoopWebSocketClientOptions
                        {
                            Connection = socket.Connection,
                            Headers = socket.Headers,
                            Subprotocols = socket.Subprotocols,
                        }
                    ).ConnectAsync(new UriBuilder(address) { Port = _port }.Uri, handler, cancellationToken),
            }
        );
        client.StateChanged += (_, change) => Note(client, number, change);
        return client;
    }

    private void Note(HubClient client, int number, ClientStateChange change)
    {
        if (change.State == ClientState.Open)
        {
            Interlocked.Increment(ref _open);
        }
        else if (change.State == ClientState.Reconnecting)
        {
            _delays.GetOrAdd(change.Attempt, static _ => []).Add(change.Delay);
            _reasons.AddOrUpdate($"{change.Reason}", 1, static (_, count) => count + 1);
            _words.GetOrAdd(
                number,
                static (number, client) => client.Room($"room:{StormServer.RoomOf(number)}").PublishAsync(new StormWord(number)).AsTask(),
                client
            );
        }
    }

    private static async Task OpenAsync(HubClient client, int number, SemaphoreSlim gate)
    {
        await gate.WaitAsync();
        try
        {
            await client.Room($"room:{StormServer.RoomOf(number)}").JoinAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Another server takes the place of one, which sends its clients away at the rate.</summary>
    private async Task<StormProcess> HandOverAsync(StormProcess server)
    {
        StormProcess next = await StormProcess.StartAsync(options.Transport, port: 0);
        try
        {
            _port = next.Port;
            Begin();
            await server.DrainAsync(
                options.Fault == StormFault.AllAtOnce ? 1_000_000 : options.Rate,
                options.Fault is StormFault.SameTime or StormFault.AllAtOnce ? TimeSpan.Zero : options.ReconnectOver
            );
            server.Dispose();
            await BackAsync(next, "after a hand-over");
            JudgeRate(await next.HandshakesAsync());
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    /// <summary>The server is killed, and started again where it was.</summary>
    private async Task<StormProcess> KillAsync(StormProcess server)
    {
        Begin();
        long begun = Stopwatch.GetTimestamp();
        await server.KillAsync();
        server.Dispose();
        StormProcess again = await StormProcess.StartAsync(options.Transport, server.Port);
        try
        {
            await BackAsync(
                again,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"after a kill and {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s without a server"
                )
            );
            return again;
        }
        catch
        {
            again.Dispose();
            throw;
        }
    }

    private bool StaysAway(int number) => options.Fault == StormFault.StaysAway && number % 100 == 0;

    private void Begin()
    {
        _delays.Clear();
        _words.Clear();
        _reasons.Clear();
        Volatile.Write(ref _open, 0);
        _used = Environment.CpuUsage.TotalTime;
    }

    private async Task BackAsync(StormProcess server, string when)
    {
        long begun = Stopwatch.GetTimestamp();
        int expected = Enumerable.Range(0, options.Clients).Count(number => !StaysAway(number));
        try
        {
            await Standstill.UntilAsync(
                () => Volatile.Read(ref _open) >= expected,
                () => Volatile.Read(ref _open),
                () => $"{Volatile.Read(ref _open):N0} of {options.Clients:N0} are back {when}"
            );
            await Task.WhenAll(_words.Where(word => !StaysAway(word.Key)).Select(static async word => await (await word.Value).Acked))
                .WaitAsync(_patience);
        }
        catch (Exception exception) when (exception is TimeoutException or LongwireException)
        {
            _faults.Add(exception.Message);
        }

        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        long[] handshakes = await server.HandshakesAsync();
        int open = Volatile.Read(ref _open);
        if (open < options.Clients)
        {
            _faults.Add($"{options.Clients - open} clients are not back {when}");
        }

        long published = await server.PublishedAsync(options.Clients);
        if (published != options.Clients)
        {
            _faults.Add($"{published:N0} messages of {options.Clients:N0} clients, each with one, were published {when}");
        }

        Say(
            $"{open:N0} back {when}, all there within {took.TotalSeconds:F1} s, {published:N0} messages of theirs published once; {handshakes.Length:N0} handshakes, at most {StormRate.MostWithin(handshakes, 1_000):N0} in a second"
        );
        Say(
            $"  processor time: {server.ProcessorTime.TotalSeconds:F1} s of the server, its start included, {(Environment.CpuUsage.TotalTime - _used).TotalSeconds:F1} s of the clients"
        );
        Say(
            $"  lost, or not reached: {string.Join("; ", _reasons.OrderByDescending(static reason => reason.Value).Take(5).Select(static reason => $"{reason.Key} ({reason.Value})"))}"
        );
    }

    private void JudgeRate(long[] handshakes)
    {
        if (options.DrainTime < _rateSpan && options.Fault != StormFault.AllAtOnce)
        {
            return;
        }

        double most = StormRate.MostWithin(handshakes, (long)_rateSpan.TotalMilliseconds) / _rateSpan.TotalSeconds;
        Say($"  at most {most:F0} a second over {_rateSpan.TotalSeconds:F0} s, of {options.Rate:N0}");
        if (most > options.Rate * RateTolerance)
        {
            _faults.Add($"{most:F0} clients a second came over {_rateSpan.TotalSeconds:F0} s, where {options.Rate} are the rate");
        }
    }

    /// <summary>No tenth of the time over which attempts may come has more than a fifth of them.</summary>
    private void Judge(int attempt, TimeSpan over)
    {
        TimeSpan[] delays = [.. _delays.GetValueOrDefault(attempt) ?? []];
        if (delays.Length < FewestToJudge)
        {
            return;
        }

        int[] tenths = new int[10];
        foreach (TimeSpan delay in delays)
        {
            tenths[Math.Clamp((int)(delay / over * 10), 0, 9)]++;
        }

        Say($"  attempt {attempt}: {delays.Length:N0} over {over.TotalSeconds:F1} s, by tenths {string.Join(' ', tenths)}");
        if (tenths.Max() > delays.Length * MostInATenth)
        {
            _faults.Add(
                $"{tenths.Max()} of {delays.Length} clients make attempt {attempt} within the same tenth of {over.TotalSeconds:F1} s"
            );
        }
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
