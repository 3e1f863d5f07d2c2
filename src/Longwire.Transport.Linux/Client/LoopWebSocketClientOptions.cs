using System.Net;

namespace Longwire.Transport.Linux;

/// <summary>How connections are opened on event loops. Immutable; one object serves any number of connections.</summary>
public sealed record LoopWebSocketClientOptions
{
    /// <summary>The defaults: a new object each time, so that nobody changes everybody's.</summary>
    public static LoopWebSocketClientOptions Default => new();

    /// <summary>The limits and times of the connections, and whether to offer compression.</summary>
    public WebSocketConnectionOptions Connection { get; init; } = new();

    /// <summary>The subprotocols to offer, what is preferred first. Default none.</summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Further headers of the request, as <c>Authorization</c> or <c>Origin</c>. Default none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// How long name look-up, TCP and the opening handshake may take together, rounded up to the loop's tick. Of a name with several
    /// addresses the next one is tried when one has failed or has not answered for 250 ms (RFC 8305). The body of a refusal is waited for
    /// at most a second. Default 15 s. Limit: more than 0, at most a day.
    /// </summary>
    public TimeSpan ConnectTimeout
    {
        get => Connect.Timeout;
        init => Connect = Connect with { Timeout = value };
    }

    /// <summary>The address of this side; see <see cref="LoopConnectOptions.LocalAddress"/>. Default null, the system chooses.</summary>
    public IPAddress? LocalAddress
    {
        get => Connect.LocalAddress;
        init => Connect = Connect with { LocalAddress = value };
    }

    /// <summary>
    /// Where to connect to in place of the host and port that the address names, so that a name is looked up once for many connections, or
    /// a Unix socket is used. Default null.
    /// </summary>
    public EndPoint? EndPoint { get; init; }

    /// <summary>Finds the addresses of a name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    internal LoopConnectOptions Connect { get; private init; } = LoopConnectOptions.Default;
}
