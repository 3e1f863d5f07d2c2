using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Client;

/// <summary>
/// How a client stays up. A client takes a copy when it is made: later changes have no effect on it.
/// </summary>
public sealed record ResilientWebSocketOptions
{
    /// <summary>
    /// How each connection is made: proxy, TLS, limits, pings. Default: as <see cref="WebSocketClientOptions"/>, but with a ping when
    /// nothing was received for 25 s, and 10 s for anything to come then.
    /// </summary>
    public WebSocketClientOptions Socket { get; set; } =
        new()
        {
            Connection = new WebSocketConnectionOptions { PingInterval = TimeSpan.FromSeconds(25), PongTimeout = TimeSpan.FromSeconds(10) },
        };

    /// <summary>When the client comes back.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>The messages that wait for a connection.</summary>
    public OutboxOptions Outbox { get; set; } = new();

    /// <summary>
    /// Provides the address, asked at each attempt. Default null: the one that the client was made with. Messages in the outbox are for
    /// one scheme, host, port and path; where these change it is discarded, and <see cref="ResilientWebSocket.Discarded"/> tells of it.
    /// </summary>
    public Func<CancellationToken, Task<Uri>>? Address { get; set; }

    /// <summary>
    /// Provides further headers, as <c>Authorization</c>, asked at each attempt; they go beside those of <see cref="Socket"/>. Default
    /// null. A provider that throws, or takes longer than the attempt may, makes the attempt fail.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyList<KeyValuePair<string, string>>>>? Headers { get; set; }

    /// <summary>
    /// Provides the subprotocols to offer, asked at each attempt, in place of those of <see cref="Socket"/>. Default null.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyList<string>>>? Subprotocols { get; set; }

    /// <summary>
    /// Is called on each new connection, before the outbox is sent and before the client is <see cref="ClientState.Open"/>: to subscribe,
    /// or sign in. Where it fails the attempt has failed. It can send, and can't read: what comes goes where all messages go.
    /// </summary>
    public Func<WebSocketConnection, CancellationToken, ValueTask>? OnOpen { get; set; }

    /// <summary>
    /// Takes the messages as they come, in place of <see cref="ResilientWebSocket.ReadAllAsync"/>. The calls never overlap, and must not
    /// block. Default null.
    /// </summary>
    public MessageReceived? OnMessage { get; set; }

    /// <summary>Decides about an ending otherwise than <see cref="ReconnectRule"/>. Default null.</summary>
    public Func<ConnectionEnding, ReconnectAdvice>? Advise { get; set; }

    /// <summary>
    /// Makes the connections. Default: <see cref="WebSocketClient.ConnectAsync(Uri, WebSocketHandler?, WebSocketClientOptions?,
    /// CancellationToken)"/>. For event loops, and for a network that a test makes.
    /// </summary>
    public Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>>? Connect { get; set; }

    /// <summary>The clock, also of the connections. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the client logs, in the category <c>Longwire.Client</c>. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>A number from 0 up to 1, for the jitter.</summary>
    internal Func<double> Random { get; set; } = System.Random.Shared.NextDouble;

    /// <summary>The request of an attempt; null for the one that the providers above give.</summary>
    internal Func<CancellationToken, Task<ConnectRequest>>? Request { get; set; }

    /// <summary>Is called when a connection has ended, with its close status, before anything else happens.</summary>
    internal Action<CloseStatus>? OnLost { get; set; }

    /// <summary>Is called when the client is closed for good, before anybody is told.</summary>
    internal Action<ConnectionEnding>? OnClosed { get; set; }
}
