using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// The opening handshake's statements about the client. The endpoint fills it in; the hub never sees HTTP. Not a record on purpose:
/// it holds secrets, which must not be printed by accident.
/// </summary>
public sealed class HubHandshake
{
    /// <summary>The handshake of a client that said nothing about itself.</summary>
    public static HubHandshake Anonymous { get; } = new();

    /// <summary>
    /// The token, from <c>Authorization: Bearer</c>, <c>?token=</c> or a subprotocol entry <c>bearer.…</c>; null for none. One that
    /// is not valid closes the connection with 1008 "Invalid authentication".
    /// </summary>
    public string? Token { get; init; }

    /// <summary>The name that the client would like, with its <see cref="Token"/>; a name as <c>username</c> of <c>auth</c>.</summary>
    public string? Username { get; init; }

    /// <summary>
    /// The client's identity, when the host has authenticated it already; null for unknown. It goes before the <see cref="Token"/>.
    /// </summary>
    public HubIdentity? Identity { get; init; }

    /// <summary>
    /// The secret of the session to resume, from a subprotocol entry <c>session.…</c>, the header <c>Longwire-Session</c> or
    /// <c>?session=</c>; null for a new session.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>The greatest length of <see cref="Producer"/>, in UTF-16 units.</summary>
    public const int MaxProducerLength = 64;

    /// <summary>
    /// The client's own name for the source of its requests' ids, from <c>?producer=</c> or a subprotocol entry <c>producer.…</c>: what it
    /// sends again under the same name, user and id counts once, on whichever session. A longer one than
    /// <see cref="MaxProducerLength"/> closes the connection with 1008 "Invalid producer". Null for one of the session's own.
    /// </summary>
    public string? Producer { get; init; }

    /// <summary>Where the client connects from, if known.</summary>
    public IPAddress? RemoteAddress { get; init; }

    private HubSession? _prepared;

    /// <summary>The session that the client gets unless it resumes one, for the first who asks.</summary>
    internal HubSession? TakePrepared() => Interlocked.Exchange(ref _prepared, null);

    /// <summary>The same, where it is known whose it is.</summary>
    internal HubHandshake Judged(HubIdentity? identity, HubSession? prepared) =>
        new()
        {
            Username = Username,
            Identity = identity,
            Session = Session,
            Producer = Producer,
            RemoteAddress = RemoteAddress,
            _prepared = prepared,
        };
}
