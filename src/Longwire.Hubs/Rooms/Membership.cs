namespace Longwire.Hubs;

/// <summary>One session in one room, connected or not. Its session guards it.</summary>
internal sealed class Membership(Room room, RoomMember? presence)
{
    public Room Room { get; } = room;

    /// <summary>The member as it joined; presence shows this until it leaves. Null in the hub's own rooms.</summary>
    public RoomMember? Presence { get; } = presence;

    /// <summary>Through which it is told what happens; null while it is told nothing.</summary>
    public Receiver? Receiver { get; set; }
}
