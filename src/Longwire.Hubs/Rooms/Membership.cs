namespace Longwire.Hubs;

/// <summary>One session in one room. The room's lock guards what may be set.</summary>
internal sealed class Membership(HubSession session, Room room, RoomMember member)
{
    public HubSession Session { get; } = session;

    public Room Room { get; } = room;

    /// <summary>The member as it joined; presence shows this until it leaves.</summary>
    public RoomMember Member { get; } = member;

    /// <summary>Where it is among the room's receivers; negative when nothing is delivered to it.</summary>
    public int Index { get; set; } = -1;

    /// <summary>What came since its history is being read; null when it gets everything at once.</summary>
    public List<HeldMessage>? Held { get; set; }

    /// <summary>Up to where history has told it: an engine may deliver that once more.</summary>
    public RoomPosition CoveredTo { get; set; }

    public bool IsCovered(RoomPosition position) => position.Epoch == CoveredTo.Epoch && position.Offset <= CoveredTo.Offset;

    /// <summary>A message kept back, with its position if it is a publication.</summary>
    public readonly record struct HeldMessage(RoomPosition? Position, PreparedMessage Message);
}
