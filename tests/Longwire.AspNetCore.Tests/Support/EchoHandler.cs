namespace Longwire.AspNetCore.Tests;

/// <summary>Sends each message back, and tells what happens to connections.</summary>
internal sealed class EchoHandler : WebSocketHandler
{
    private readonly TaskCompletionSource<(WebSocketConnection, CloseStatus)> _closed = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>The first connection that is over, and its status.</summary>
    public Task<(WebSocketConnection Connection, CloseStatus Status)> Closed => _closed.Task.WaitAsync(Patience.Long);

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
        connection.TrySend(payload, type);

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
        _closed.TrySetResult((connection, status));
}
