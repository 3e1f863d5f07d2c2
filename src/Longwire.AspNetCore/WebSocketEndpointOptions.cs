using System.ComponentModel;
using Longwire.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Longwire.AspNetCore;

/// <summary>
/// The options of a WebSocket endpoint. Those that <c>AddLongwire</c> sets hold for every endpoint; <c>MapWebSocket</c> starts from a copy
/// of it.
/// </summary>
public sealed class WebSocketEndpointOptions
{
    /// <summary>The limits and times of each connection.</summary>
    public WebSocketConnectionOptions Connection { get; set; } = new();

    /// <summary>
    /// Which origins may connect; others get 403. Default: pages of the same host, and clients that are no browsers. Configuration has a
    /// list, or one text with commas, of what <see cref="OriginRule.Allow"/> takes.
    /// </summary>
    /// <remarks>
    /// On a connection over loopback the same host is one that <see cref="LoopbackHost"/> knows, unless the application's
    /// <c>AllowedHosts</c> name its hosts: anybody can make a name of his lead to this machine (DNS rebinding). Behind a proxy on the same
    /// machine either name the origins here, or the hosts in <c>AllowedHosts</c>, or use the forwarded headers' middleware.
    /// </remarks>
    public OriginRule Origins { get; set; } = OriginRule.SameHost;

    /// <summary>For configuration, which has <see cref="Origins"/> as a list of texts: setting this sets that. Null when read.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [ConfigurationKeyName(nameof(Origins))]
    public string[]? OriginTexts
    {
        get => null;
        set
        {
            try
            {
                Origins = value is null ? Origins : OriginRule.Allow(value);
            }
            catch (ArgumentException exception)
            {
                // The binder doesn't say which key it was at.
                throw new ArgumentException($"{nameof(Origins)}: {exception.Message}", exception);
            }
        }
    }

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

    /// <summary>The header <c>Retry-After</c> of refusals when the limits are reached. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Makes the <see cref="WebSocketConnection.UserState"/> of a connection from its request, before the handshake is
    /// answered. When it sets another status than 200 on the response, or writes to it, the handshake is refused with that. Default none.
    /// The object must not lead back to the request, unless <see cref="KeepRequest"/> is set.
    /// </summary>
    public Func<HttpContext, ValueTask<object?>>? CreateUserState { get; set; }

    /// <summary>
    /// Whether the request lives as long as the connection on every transport, so that middleware around the endpoint goes on only when the
    /// connection is over, and the connection's calls see the values that flow with the request (<see cref="AsyncLocal{T}"/>, culture).
    /// Default false: Longwire's transport ends the request with the handshake, and saves its memory, where nothing is known to need it
    /// longer. Known are handlers and functions that take the request or its services, rate limiters, and a registered
    /// <see cref="IHttpContextAccessor"/>.
    /// </summary>
    public bool KeepRequest { get; set; }

    /// <summary>The faults of these options, each with its key and the right value.</summary>
    internal IEnumerable<string> Faults()
    {
        if (MaxConnections < 0)
        {
            yield return $"{nameof(MaxConnections)} is {MaxConnections}; it must be 0 or more.";
        }

        if (MaxConnectionsPerAddress < 0)
        {
            yield return $"{nameof(MaxConnectionsPerAddress)} is {MaxConnectionsPerAddress}; it must be 0 or more.";
        }

        if (RetryAfter < TimeSpan.Zero)
        {
            yield return $"{nameof(RetryAfter)} is {RetryAfter}; it must be zero or more.";
        }

        if (Connection is null || Origins is null || Subprotocols is null)
        {
            yield return $"{nameof(Connection)}, {nameof(Origins)} and {nameof(Subprotocols)} must not be null.";
        }

        foreach (string subprotocol in (Subprotocols ?? []).Where(static name => !HeaderTokens.IsToken(name)))
        {
            yield return $"{nameof(Subprotocols)} has '{subprotocol}', which is not a token: "
                + "letters, digits and some punctuation, no spaces or commas.";
        }
    }

    /// <summary>Looks at the options of an endpoint, which are as they will be.</summary>
    internal void Check(string pattern)
    {
        List<string> faults = [.. Faults()];
        if (RequireSubprotocol && Subprotocols.Count == 0)
        {
            faults.Add($"{nameof(RequireSubprotocol)} is set, so {nameof(Subprotocols)} must name at least one.");
        }

        if (faults.Count != 0)
        {
            throw new ArgumentException($"The options of the WebSocket endpoint \"{pattern}\" are wrong: {string.Join(" ", faults)}");
        }
    }

    // Nothing that an endpoint's own settings may change is shared with another one.
    internal WebSocketEndpointOptions Copy() =>
        new()
        {
            Connection = Connection with { Deflate = Connection.Deflate with { } },
            Origins = Origins,
            Subprotocols = [.. Subprotocols],
            RequireSubprotocol = RequireSubprotocol,
            MaxConnections = MaxConnections,
            MaxConnectionsPerAddress = MaxConnectionsPerAddress,
            ConnectionLimitAnswer = ConnectionLimitAnswer,
            RetryAfter = RetryAfter,
            CreateUserState = CreateUserState,
            KeepRequest = KeepRequest,
        };
}
