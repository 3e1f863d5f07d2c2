namespace Longwire.Cli.Listen;

/// <summary>The command line of <c>longwire listen</c>, parsed.</summary>
internal sealed record ListenOptions
{
    public required int Port { get; init; }

    /// <summary>The address to listen on; this machine alone unless it says otherwise.</summary>
    public string Host { get; init; } = "localhost";

    public ListenMode Mode { get; init; }

    /// <summary>The program and its arguments that each connection gets a process of.</summary>
    public IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>The folder whose files are served; null for none.</summary>
    public string? StaticFolder { get; init; }

    /// <summary>Whether TLS is spoken with a certificate made for development.</summary>
    public bool Tls { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>The origins that may connect beside pages of this host; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public bool Deflate { get; init; }

    public int MaxClients { get; init; } = 100;

    public int MaxMessageBytes { get; init; } = 16 << 20;

    public Faults Faults { get; init; } = new();

    /// <summary>Whether lines go out as binary messages.</summary>
    public bool Binary { get; init; }

    public bool Slash { get; init; }

    public bool Quiet { get; init; }

    public OutputFormat Output { get; init; }

    public bool UsesTls => Tls || CertificateFile is not null;

    public bool IsThisMachineOnly => Host is "localhost" or "127.0.0.1" or "::1" or "[::1]";
}
