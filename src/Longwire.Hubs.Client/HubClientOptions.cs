using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Hubs.Client;

/// <summary>How a hub's client stays up. A client takes a copy when it is made: later changes have no effect on it.</summary>
public sealed record HubClientOptions
{
    /// <summary>
    /// Provides the token, asked at each attempt, and before a token that says when it ends (a JWT with <c>exp</c>) does. Default null: a
    /// guest.
    /// </summary>
    public Func<CancellationToken, Task<string>>? Token { get; set; }

    /// <summary>
    /// Provides the address, asked at each attempt. Default null: the one that the client was made with. The outbox is for one scheme,
    /// host, port and path: what waits when these change is refused as <c>other-destination</c>, or uncertain.
    /// </summary>
    public Func<CancellationToken, Task<Uri>>? Address { get; set; }

    /// <summary>Where publications are kept until the hub has answered. Default in memory.</summary>
    public Outbox Outbox { get; set; } = Outbox.Memory();

    /// <summary>
    /// The outbox's bounds, and what happens when it is full: <see cref="OutboxFullMode.Wait"/> or <see cref="OutboxFullMode.Fail"/>, since
    /// a publication is never dropped silently. Default 1,000 messages, 4 MiB, wait.
    /// </summary>
    public OutboxOptions OutboxLimits { get; set; } = new();

    /// <summary>
    /// How many publications may be under way, from 1 to 16. They keep their order, whatever the hub refuses for now. Default 16.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or above 16.</exception>
    public int MaxUnderWay
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, OutboxQueue.MaxUnderWay);
            field = value;
        }
    } = OutboxQueue.MaxUnderWay;

    /// <summary>
    /// The JSON metadata of the application's messages, as a <c>JsonSerializerContext</c>. Default null: by reflection, where the
    /// application has it.
    /// </summary>
    public IJsonTypeInfoResolver? Json { get; set; }

    /// <summary>How many messages may wait for each <see cref="HubClientRoom.ReadAllAsync"/>. Default 1,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int ReadQueueMessages
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1_000;

    /// <summary>
    /// How each connection is made: proxy, TLS, limits, pings. Redirects are never followed, since they would show the session's secret to
    /// another server. Default as <see cref="ResilientWebSocketOptions.Socket"/>.
    /// </summary>
    public WebSocketClientOptions Socket { get; set; } = new ResilientWebSocketOptions().Socket;

    /// <summary>When the client comes back.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>Decides about an ending otherwise than <see cref="ReconnectRule"/>. Default null.</summary>
    public Func<ConnectionEnding, ReconnectAdvice>? Advise { get; set; }

    /// <summary>Makes the connections, as <see cref="ResilientWebSocketOptions.Connect"/>.</summary>
    public Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>>? Connect { get; set; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the client logs, in the category <c>Longwire.Client</c>. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>A number from 0 up to 1, for the jitter.</summary>
    internal Func<double> Random { get; set; } = System.Random.Shared.NextDouble;
}
