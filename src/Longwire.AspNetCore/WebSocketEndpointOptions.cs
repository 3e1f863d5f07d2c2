using Longwire.Protocol;
using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

/// <summary>
/// The options of a WebSocket endpoint. What <c>AddLongwire</c> sets holds for every endpoint; <c>MapWebSocket</c> starts from a copy of
/// it.
/// </summary>
public sealed class WebSocketEndpointOptions
{
    /// <summary>The limits and times of each connection.</summary>
    public WebSocketConnectionOptions Connection { get; set; } = WebSocketConnectionOptions.Default;

    /// <summary>Which origins may connect; others get 403. Default: pages of the same host, and clients that are no browsers.</summary>
    public OriginRule Origins { get; set; } = OriginRule.SameHost;

    /// <summary>The subprotocols that the endpoint speaks, what it prefers first. Default none: a client's offer is then ignored.</summary>
    public IList<string> Subprotocols { get; set; } = [];

    /// <summary>
    /// Whether a client that offers none of <see cref="Subprotocols"/> is refused with 400. Default false: it connects without one.
    /// </summary>
    public bool RequireSubprotocol { get; set; }

    /// <summary>The most connections of this endpoint at a time. Default 100,000.</summary>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// The most connections of this endpoint from one IP address at a time; of IPv6, from one /64 network, as a client there has
    /// all addresses of that. Default unlimited, as behind a proxy all have one address.
    /// </summary>
    public int MaxConnectionsPerAddress { get; set; } = int.MaxValue;

    /// <summary>How a connection over the limits is refused. Default 503.</summary>
    public ConnectionLimitAnswer ConnectionLimitAnswer { get; set; }

    /// <summary>What the header <c>Retry-After</c> says when the limits are reached. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Makes the <see cref="WebSocketConnection.UserState"/> of a connection from its request, before the handshake is
    /// answered. When it sets another status than 200 on the response, or writes to it, the handshake is refused with that. Default none.
    /// </summary>
    public Func<HttpContext, ValueTask<object?>>? CreateUserState { get; set; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxConnections);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxConnectionsPerAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryAfter, TimeSpan.Zero);
        foreach (string subprotocol in Subprotocols)
        {
            if (!HeaderTokens.IsToken(subprotocol))
            {
                throw new ArgumentException(
                    $"The subprotocol '{subprotocol}' is not a token: letters, digits and some punctuation, no spaces or commas."
                );
            }
        }

        if (RequireSubprotocol && Subprotocols.Count == 0)
        {
            throw new ArgumentException("An endpoint that requires a subprotocol must name at least one.");
        }
    }

    internal WebSocketEndpointOptions Copy() =>
        new()
        {
            Connection = Connection,
            Origins = Origins,
            Subprotocols = [.. Subprotocols],
            RequireSubprotocol = RequireSubprotocol,
            MaxConnections = MaxConnections,
            MaxConnectionsPerAddress = MaxConnectionsPerAddress,
            ConnectionLimitAnswer = ConnectionLimitAnswer,
            RetryAfter = RetryAfter,
            CreateUserState = CreateUserState,
        };
}
