namespace Longwire.Hubs;

/// <summary>
/// Brings WebSocket connections to a hub: one instance serves all of them, and keeps its own object in
/// <see cref="WebSocketConnection.UserState"/>. The connections should keep the default
/// <see cref="SendQueueFullMode.Wait"/>, so that the hub learns who is too slow.
/// </summary>
public sealed class HubHandler : WebSocketHandler
{
    private readonly Hub _hub;
    private readonly Func<WebSocketConnection, HubHandshake> _handshake;

    /// <summary>Creates the handler.</summary>
    /// <param name="hub">The hub, started.</param>
    /// <param name="handshake">Says what a connection's handshake said about its client; null when handshakes say nothing.</param>
    public HubHandler(Hub hub, Func<WebSocketConnection, HubHandshake>? handshake = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        _hub = hub;
        // Sessions get connections from here on, and requests about them may come at other nodes.
        hub.AnswerQuestions(new SessionQuestions(hub).AnswerAsync);
        _handshake = handshake ?? (static _ => HubHandshake.Anonymous);
    }

    /// <inheritdoc/>
    public override void OnOpen(WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        // The handshake may be read from the endpoint's UserState, so that comes first.
        HubHandshake handshake = _handshake(connection);
        var hubConnection = new WebSocketHubLink(connection);
        connection.UserState = hubConnection;
        _hub.Accept(hubConnection, handshake);
    }

    /// <inheritdoc/>
    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.UserState is WebSocketHubLink { Session: { } session } hubConnection)
        {
            session.Receive(hubConnection, type, payload);
        }
    }

    /// <inheritdoc/>
    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.UserState is WebSocketHubLink hubConnection)
        {
            _hub.Release(hubConnection, status);
        }
    }
}
