namespace Longwire.Cli.Serve;

/// <summary>The command line of <c>longwire serve</c>, parsed.</summary>
internal sealed record ServeOptions
{
    public int Port { get; init; } = 8080;

    public string Host { get; init; } = "localhost";

    /// <summary>The key that tokens are signed with (HS256); null for the demonstration's fixed token.</summary>
    public string? JwtKey { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public ServeTransport Transport { get; init; }

    /// <summary>Whether clients need not sign in.</summary>
    public bool Guests { get; init; }

    public bool Verbose { get; init; }

    public bool IsThisMachineOnly => Host is "localhost" or "127.0.0.1" or "::1" or "[::1]";
}
