using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>
/// Tests clients: a server that each client calls once for every case, and that it has to echo to. It speaks the protocol that drivers
/// for such suites know, each request being a WebSocket of its own:
/// <code>
/// /getCaseCount                     a text with the number of cases
/// /getCaseInfo?case=N               {"id": "6.4.1", "description": "…"}
/// /runCase?case=N&amp;agent=NAME        the case, N from 1; also casetuple=6.4.1
/// /getCaseStatus?case=N&amp;agent=NAME  {"behavior": "OK"}
/// /updateReports?agent=NAME         the client has finished
/// </code>
/// Safe for many clients, and for many connections of one, at once.
/// </summary>
public sealed class ClientSuite : IAsyncDisposable
{
    private readonly ClientSuiteOptions _options;
    private readonly IConformanceSink? _sink;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _connections;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Agent> _agents = [];
    private readonly TaskCompletionSource<string> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;

    private ClientSuite(ClientSuiteOptions options, IConformanceSink? sink)
    {
        _options = options;
        _sink = sink;
        Cases = CaseCatalog.Select(Subjects.Client, options.Conformance.Patterns);
        _connections = new(options.MaxConnections, options.MaxConnections);
        _listener = new(options.Endpoint);
        _listener.Start();
        IPEndPoint bound = (IPEndPoint)_listener.LocalEndpoint;
        Uri = new($"{(options.Certificate is null ? "ws" : "wss")}://{bound}");
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Uri { get; }

    /// <summary>The cases that clients are asked to run, in the order of their numbers as drivers count them, from 1.</summary>
    public IReadOnlyList<ConformanceCase> Cases { get; }

    /// <summary>Completes with the client's name when the first client has said that it has finished (<c>/updateReports</c>).</summary>
    public Task<string> FirstFinished => _finished.Task;

    /// <summary>The results of each client so far.</summary>
    public IReadOnlyList<ConformanceRun> Runs
    {
        get
        {
            lock (_lock)
            {
                return [.. _agents.Values.Select(a => a.ToRun())];
            }
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="options">Where and what, or null for the defaults.</param>
    /// <param name="sink">Is told of each case, or null.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static ClientSuite Start(ClientSuiteOptions? options = null, IConformanceSink? sink = null) => new(options ?? new(), sink);

    /// <summary>Listens until a client has finished, and returns the results of all that called.</summary>
    /// <param name="options">Where and what, or null for the defaults.</param>
    /// <param name="sink">Is told of each case, or null.</param>
    /// <param name="listening">Is told the address, or null.</param>
    /// <param name="cancellationToken">Stops to listen; what is known by then is returned.</param>
    public static async Task<IReadOnlyList<ConformanceRun>> RunAsync(
        ClientSuiteOptions? options = null,
        IConformanceSink? sink = null,
        Action<Uri>? listening = null,
        CancellationToken cancellationToken = default
    )
    {
        await using ClientSuite suite = Start(options, sink);
        listening?.Invoke(suite.Uri);
        try
        {
            await suite.FirstFinished.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // A caller that stops the suite wants the results so far.
        }

        return suite.Runs;
    }

    /// <summary>Stops to listen and ends the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _connections.WaitAsync(_stop.Token);
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            client.NoDelay = true;
            await using Stream stream = await SecureAsync(client.GetStream());
            HttpHead? request = await HttpReader.ReadAsync(stream, _options.Conformance.Patience, _stop.Token);
            if (request is not null)
            {
                await AnswerAsync(new ClientCall(stream, request));
            }
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or OperationCanceledException
                        or SocketException
                        or ObjectDisposedException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            // A client may go at any time; what a case makes of it is in its result.
        }
        finally
        {
            client.Dispose();
            _connections.Release();
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream stream)
    {
        if (_options.Certificate is not { } certificate)
        {
            return stream;
        }

        TlsStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [SslApplicationProtocol.Http11] },
            _stop.Token
        );
        return tls;
    }

    private async Task AnswerAsync(ClientCall call)
    {
        DriverRequest asked = DriverRequest.Parse(call.Request.Target, Cases);
        Agent? agent = asked.Path is "/runCase" or "/getCaseStatus" ? AgentOf(asked.Agent) : FindAgent(asked.Agent);
        int calls = agent?.CountCall() ?? 0;
        switch (asked.Path)
        {
            case "/getCaseCount":
                await TellAsync(call, Cases.Count.ToString(CultureInfo.InvariantCulture));
                break;
            case "/getCaseInfo" when asked.Case is { } about:
                await TellAsync(call, DriverReply.Info(about));
                break;
            case "/getCaseStatus" when asked.Case is { } about:
                await TellAsync(call, DriverReply.Status(await agent!.ResultAsync(about.Id, _options.Conformance.Patience, _stop.Token)));
                break;
            case "/runCase" when asked.Case is { } wanted:
                await RunAsync(call with { CallsAgainAsync = (time, token) => agent!.CallsAgainAsync(calls, time, token) }, wanted, agent!);
                break;
            case "/updateReports":
                // Every case has a time limit of its own.
                await (agent?.AllHaveEndedAsync(_stop.Token) ?? Task.CompletedTask);
                await TellAsync(call, null);
                _finished.TrySetResult(asked.Agent);
                break;
            default:
                await call.Stream.WriteAsync(
                    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
                    _stop.Token
                );
                break;
        }
    }

    private async Task RunAsync(ClientCall call, ConformanceCase conformanceCase, Agent agent)
    {
        agent.Begin(conformanceCase);
        call = call with { KeyWasUsed = !agent.TryUseKey(call.Request.Find("Sec-WebSocket-Key") ?? "") };
        await using CaseRun run = new(conformanceCase, _options.Conformance, Subjects.Client, _stop.Token) { Call = call };
        CaseResult? result = null;
        try
        {
            result = await run.RunAsync();
        }
        finally
        {
            agent.End(result);
        }
    }

    private async Task TellAsync(ClientCall call, string? text)
    {
        ConformanceCase tell = new(
            "0",
            "Driver's question.",
            "",
            run => text is null ? Task.CompletedTask : run.Peer.SendAsync(WireFrame.OfText(text))
        );
        await using CaseRun run = new(tell, _options.Conformance, Subjects.Client, _stop.Token) { Call = call };
        await run.RunAsync();
    }

    private Agent? FindAgent(string name)
    {
        lock (_lock)
        {
            return _agents.GetValueOrDefault(name);
        }
    }

    private Agent AgentOf(string name)
    {
        lock (_lock)
        {
            if (!_agents.TryGetValue(name, out Agent? agent))
            {
                _agents.Add(name, agent = new(name, new ResultCollector(_sink)));
            }

            return agent;
        }
    }

    /// <summary>A client, as it calls itself.</summary>
    private sealed class Agent(string name, ResultCollector collector)
    {
        private const int MaxKeys = 100_000;
        private readonly DateTimeOffset _started = TimeProvider.System.GetUtcNow();
        private readonly long _clock = Stopwatch.GetTimestamp();
        private readonly HashSet<string> _keys = [];
        private int _calls;
        private int _running;

        private Pulse Changed { get; } = new();

        public void Begin(ConformanceCase conformanceCase)
        {
            Interlocked.Increment(ref _running);
            collector.Start(conformanceCase);
        }

        /// <param name="result">Null when the suite itself has ended the run.</param>
        public void End(CaseResult? result)
        {
            if (result is not null)
            {
                collector.Finish(result);
            }

            Interlocked.Decrement(ref _running);
            Changed.Beat();
        }

        public Task AllHaveEndedAsync(CancellationToken cancellationToken) =>
            Changed.WaitAsync(() => Volatile.Read(ref _running) == 0, Timeout.InfiniteTimeSpan, cancellationToken);

        /// <returns>How many calls there are with this one.</returns>
        public int CountCall()
        {
            int calls = Interlocked.Increment(ref _calls);
            Changed.Beat();
            return calls;
        }

        public Task<bool> CallsAgainAsync(int calls, TimeSpan timeout, CancellationToken cancellationToken) =>
            Changed.WaitAsync(() => Volatile.Read(ref _calls) > calls, timeout, cancellationToken);

        public bool TryUseKey(string key)
        {
            lock (_keys)
            {
                return _keys.Count >= MaxKeys || _keys.Add(key);
            }
        }

        public async Task<CaseResult?> ResultAsync(CaseId id, TimeSpan timeout, CancellationToken cancellationToken)
        {
            await Changed.WaitAsync(() => collector.Find(id) is not null, timeout, cancellationToken);
            return collector.Find(id);
        }

        public ConformanceRun ToRun() =>
            new()
            {
                Agent = name,
                Subject = Subjects.Client,
                Started = _started,
                Duration = Stopwatch.GetElapsedTime(_clock),
                Results = collector.Results(),
            };
    }
}
