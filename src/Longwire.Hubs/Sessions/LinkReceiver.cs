using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>A link as a receiver in one of its session's rooms. In the room of everyone the link is that itself.</summary>
internal sealed class LinkReceiver(HubLink link) : Receiver
{
    public override string ClientId => link.ClientId;

    public override PipeScheduler? Loop => link.Loop;

    public override bool Deliver(RoomEvent told, SlowConsumerPolicy policy) => link.Deliver(told, policy);

    public override void CloseTooSlow() => link.CloseTooSlow();
}
