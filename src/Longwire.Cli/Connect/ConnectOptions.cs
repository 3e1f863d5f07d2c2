namespace Longwire.Cli.Connect;

/// <summary>What <c>longwire connect</c> was asked for.</summary>
internal sealed record ConnectOptions
{
    public required Uri Address { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Whether the server's certificate may be anything.</summary>
    public bool Insecure { get; init; }

    /// <summary>Messages to send first; when there are any, input is not read.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Whether lines go out as binary messages.</summary>
    public bool Binary { get; init; }

    /// <summary>
    /// How long nothing may come, after the last line of piped input was sent, before the connection is closed; infinite to wait for the
    /// server's close.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the whole may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether lines that begin with a slash are commands even when input is piped.</summary>
    public bool Slash { get; init; }

    public bool Quiet { get; init; }

    /// <summary>Whether a close with another status than 1000 or 1001 is a failure.</summary>
    public bool CheckClose { get; init; }
}
