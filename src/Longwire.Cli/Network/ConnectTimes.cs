namespace Longwire.Cli.Network;

/// <summary>How long each step of connecting took.</summary>
internal sealed record ConnectTimes
{
    /// <summary>Looking up the name.</summary>
    public TimeSpan Name { get; set; }

    public TimeSpan Tcp { get; set; }

    /// <summary>TLS, or a proxy's tunnel and TLS.</summary>
    public TimeSpan Tls { get; set; }

    /// <summary>The opening handshake.</summary>
    public TimeSpan Upgrade { get; set; }
}
