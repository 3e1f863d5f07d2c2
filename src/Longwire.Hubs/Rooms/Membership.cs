using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// One session in one room. While the session has a connection it is the receiver there; when that is lost another one takes its place,
/// since the room may still have to do with this one. Its session guards it.
/// </summary>
internal sealed class Membership(Room room, RoomMember? presence, Receiver? link) : Receiver
{
    public Room Room { get; } = room;

    /// <summary>The member as it joined, or says since; presence shows this until it leaves. Null in the hub's own rooms.</summary>
    public RoomMember? Presence { get; set; } = presence;

    /// <summary>Through which it is told what happens; null while it is told nothing.</summary>
    public Receiver? Link { get; } = link;

    public override string ClientId => Link!.ClientId;

    public override PipeScheduler? Loop => Link!.Loop;

    public override bool Deliver(RoomEvent told, SlowConsumerPolicy policy) => Link!.Deliver(told, policy);

    public override void CloseTooSlow() => Link!.CloseTooSlow();
}
