using System.Net;
using Longwire.Cli.Network;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>The command line of <c>longwire bench</c>, parsed.</summary>
internal sealed record BenchOptions
{
    /// <summary>The largest message, in bytes.</summary>
    public const int MaxMessageBytes = 64 << 20;

    /// <summary>The message that is sent where no size is asked for, and the mode doesn't need a larger one.</summary>
    public const int UsualBytes = 20;

    /// <summary>A <c>ws</c>, <c>wss</c> or <c>tcp</c> address.</summary>
    public required Uri Address { get; init; }

    public BenchMode Mode { get; init; }

    public int Connections { get; init; } = 100;

    /// <summary>Closed loop: how many messages are under way on each connection; the next one leaves when a reply came.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Open loop: messages a second on all connections together, whatever comes back. 0 for a closed loop.</summary>
    public double Rate { get; init; }

    /// <summary>The payload bytes of the messages, which are sent in this rotation.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [UsualBytes];

    public PayloadKind Payload { get; init; }

    /// <summary>Idle: the texts that each connection sends in place of one echo.</summary>
    public IReadOnlyList<string> Say { get; init; } = [];

    public bool Deflate { get; init; }

    /// <summary>Whether compressed messages may refer to those before them.</summary>
    public bool Takeover { get; init; }

    /// <summary>Broadcast: how many of the connections send; 0 for all.</summary>
    public int Senders { get; init; }

    /// <summary>How many of the connections read only a little at a time. They are not measured.</summary>
    public int SlowReaders { get; init; }

    /// <summary>How many connections are being opened at a time; in a storm, how many are open.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>The time over which the opening of the connections is spread.</summary>
    public TimeSpan Ramp { get; init; }

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long replies are waited for at the end, and how long the server may be silent.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The server's process, whose CPU time and memory are read; 0 for none.</summary>
    public int ServerProcess { get; init; }

    /// <summary>Local addresses to connect from, in turn.</summary>
    public IReadOnlyList<IPAddress> Sources { get; init; } = [];

    /// <summary>How many processes share the work; 0 for as many as descriptors demand.</summary>
    public int Workers { get; init; }

    /// <summary>Which of the workers this process is; null where it is the only one, or the one that starts the others.</summary>
    public int? Worker { get; init; }

    /// <summary>The kernel interface of the event loops.</summary>
    public EventLoopKind Loop { get; init; }

    public BenchOutput Output { get; init; }

    public IReadOnlyList<Assertion> Assertions { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How the server is reached.</summary>
    public NetworkOptions Network { get; init; } = new();

    /// <summary>The agents that measure in this process's place, as host:port.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>The secret shared with the agents.</summary>
    public string Secret { get; init; } = "";

    /// <summary>A file for a page with plots; null for none.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>Whether only this machine may be loaded.</summary>
    public bool OnlyLoopback { get; init; }

    /// <summary>The server's name in reports.</summary>
    public string Name { get; init; } = "server";

    /// <summary>Which table of a report this run belongs to.</summary>
    public string Scenario { get; init; } = "";

    public bool IsTcp => Address.Scheme == "tcp";

    /// <summary>Whether the client opens the connections, for TLS or a proxy; else the event loops do.</summary>
    public bool UsesClient { get; init; }

    public bool IsOpenLoop => Rate > 0;

    /// <summary>One worker's share of the run.</summary>
    public BenchOptions ShareOf(int worker, int workers)
    {
        int connections = Part(Connections, worker, workers);
        return this with
        {
            Connections = connections,
            Rate = Rate * connections / Connections,
            Senders = Senders == 0 ? 0 : Part(Senders, worker, workers),
            SlowReaders = Part(SlowReaders, worker, workers),
            Concurrency = Math.Max(1, Concurrency / workers),
            Worker = worker,
            Workers = workers,
        };
    }

    private static int Part(int whole, int worker, int workers) => whole / workers + (worker < whole % workers ? 1 : 0);
}
