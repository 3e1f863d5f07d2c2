namespace Longwire.Hubs;

/// <summary>A client that sends by one request, and is told nothing but its answers.</summary>
internal sealed class OneRequestLink(Hub hub, HttpHello hello) : HttpHubLink(hub, hello)
{
    public override string Transport => "request";

    // The first is kept, which says that the client is let in.
    public override bool TrySend(ReadOnlySpan<byte> json) => !Outbox.IsEmpty || base.TrySend(json);

    public override bool TrySend(PreparedMessage message, in SendOptions options) => true;

    protected override bool TrySend(RoomEvent told, in SendOptions options) => true;
}
