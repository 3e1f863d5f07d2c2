using System.Net.Security;

namespace Longwire.Conformance;

/// <summary>The cases to run, and the time limits. Immutable.</summary>
public sealed record ConformanceOptions
{
    /// <summary>Which cases: see <see cref="CasePattern"/>. Default: all.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>How many light cases run at once. Default 16.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>How many heavy cases (9, 12, 13 and a few of 20) run at once. Default 3.</summary>
    public int HeavyParallelism { get; init; } = 3;

    /// <summary>How long to wait for something that has to come: an answer, a Close frame. Default 5 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to look for something that must not come, and the pause in the cases that have one. Default 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may take to end TCP after the closing handshake. Default 2 s.</summary>
    public TimeSpan DropGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long to wait for a peer to give up on us: a request that never ends, a Close that is never answered. Default 20 s, which is
    /// above Longwire's time-outs of 15 s (connecting), 10 s and 5 s.
    /// </summary>
    public TimeSpan GiveUpWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the cases about slow readers (21.5) take to read one large message. Default 60 s, which is above what a keep-alive of a
    /// ping
    /// every 30 s and 20 s for its pong lets pass in silence.
    /// </summary>
    public TimeSpan SlowReading { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Lines of the wire log kept for a case: the first half and the last. Default 200.</summary>
    public int WireLogLines { get; init; } = 200;

    /// <summary>How many octets of a payload a line of the log shows. Default 48.</summary>
    public int WireLogOctets { get; init; } = 48;

    /// <summary>Messages sent by each case of 12 and 13. Default 1000, as the standard has it; fewer for a quick look.</summary>
    public int DeflateMessages { get; init; } = 1000;

    /// <summary>The <c>Origin</c> of ordinary connections, or null for none, which is the default.</summary>
    public string? Origin { get; init; }

    /// <summary>Additional headers for each opening handshake, for instance credentials. Default: none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Run over HTTP/2 (RFC 8441): TLS with <c>h2</c> for <c>wss://</c>, prior knowledge for <c>ws://</c>. Default false.
    /// </summary>
    public bool Http2 { get; init; }

    /// <summary>Checks the server's certificate for <c>wss://</c>. Default null: the platform's check.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }
}
