using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>A WebSocket as the hub sees it.</summary>
internal sealed class WebSocketHubLink(WebSocketConnection connection) : HubLink
{
    public override PipeScheduler? Loop => connection.Scheduler;

    public override string Transport => "web_sockets";

    public override long WaitingBytes => connection.PendingSendBytes;

    public override TimeSpan PingInterval => connection.Options.PingInterval;

    public override int MaxMessageBytes => connection.Options.MaxMessageBytes;

    public override bool IsOpen => connection.State == WebSocketPhase.Open;

    public override bool TrySend(ReadOnlySpan<byte> json) => connection.TrySend(json, MessageType.Text);

    public override bool TrySend(PreparedMessage message, in SendOptions options) => connection.TrySend(message, options);

    protected override void StartClosing(CloseStatus status, string reason) => connection.TryClose(status, reason);
}
