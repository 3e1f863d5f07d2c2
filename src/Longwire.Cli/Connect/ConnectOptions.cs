using System.Text.RegularExpressions;
using Longwire.Cli.Network;

namespace Longwire.Cli.Connect;

/// <summary>The command line of <c>longwire connect</c>, parsed.</summary>
internal sealed record ConnectOptions
{
    public required Uri Address { get; init; }

    public NetworkOptions Network { get; init; } = new();

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    public bool Deflate { get; init; }

    /// <summary>How many redirects to follow.</summary>
    public int MaxRedirects { get; init; }

    /// <summary>Messages to send first; when there are any, input is not read.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Files of which each is sent as one message, behind those; then input is not read either.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether lines go out as binary messages.</summary>
    public bool Binary { get; init; }

    /// <summary>The encoding of lines that go out as binary messages.</summary>
    public BinaryView Typed { get; init; } = BinaryView.Raw;

    /// <summary>How binary messages are shown.</summary>
    public BinaryView Shown { get; init; }

    /// <summary>Whether a NUL, and not a line feed, ends messages in both directions.</summary>
    public bool NullTerminated { get; init; }

    /// <summary>One message is sent, one reply awaited.</summary>
    public bool OneMessage { get; init; }

    /// <summary>Whether the end of the input is the end, whatever is still to come.</summary>
    public bool ExitOnEnd { get; init; }

    /// <summary>
    /// How long nothing may come, after the last message was sent, before the connection is closed; infinite to wait for the server's
    /// close.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether that time passes whatever comes, as wscat's does after -x.</summary>
    public bool WaitsOnce { get; init; }

    /// <summary>How long the whole may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The patterns that messages have to match, in this order.</summary>
    public IReadOnlyList<Regex> Expectations { get; init; } = [];

    /// <summary>The run ends with a message that matches.</summary>
    public Regex? Until { get; init; }

    /// <summary>The run ends after so many messages; 0 for no such limit.</summary>
    public int Count { get; init; }

    /// <summary>How often a connection that fails or breaks is opened again; 0 for never.</summary>
    public int MaxRetries { get; init; }

    public TimeSpan? PingInterval { get; init; }

    public TimeSpan? PongTimeout { get; init; }

    /// <summary>Whether pings and pongs are shown.</summary>
    public bool ShowPings { get; init; }

    /// <summary>Whether both handshakes, times and control frames are shown.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether lines that begin with a slash are commands even when input is piped.</summary>
    public bool Slash { get; init; }

    public bool Quiet { get; init; }

    /// <summary>Whether colours are used where somebody looks.</summary>
    public bool Color { get; init; } = true;

    /// <summary>Whether long messages are shown whole on a terminal.</summary>
    public bool Full { get; init; }

    /// <summary>Whether everything goes to the output as lines of JSON.</summary>
    public bool JsonLines { get; init; }

    /// <summary>Whether a close with another status than 1000 or 1001 is a failure.</summary>
    public bool CheckClose { get; init; }

    /// <summary>Whether the run has an aim: it ends when that is reached, and fails when it isn't.</summary>
    public bool HasAim => Expectations.Count > 0 || Until is not null || Count > 0;
}
