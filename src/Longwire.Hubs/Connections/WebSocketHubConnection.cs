namespace Longwire.Hubs;

/// <summary>A WebSocket as the hub sees it.</summary>
internal sealed class WebSocketHubConnection(WebSocketConnection connection) : HubConnection
{
    public override TimeSpan PingInterval => connection.Options.PingInterval;

    public override int MaxMessageBytes => connection.Options.MaxMessageBytes;

    public override bool IsOpen => connection.State == WebSocketState.Open;

    public override bool TrySend(ReadOnlySpan<byte> json) => connection.TrySend(json, MessageType.Text);

    public override bool TrySend(PreparedMessage message) => connection.TrySend(message);

    protected override void StartClosing(CloseStatus status, string reason) => connection.TryClose(status, reason);
}
