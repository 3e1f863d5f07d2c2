namespace Longwire.Hubs.Engines;

/// <summary>A user among the members of a room. The room's lock guards it.</summary>
internal sealed class PresenceItem(RoomMember member) : Versioned
{
    /// <summary>One of the user's members, whose metadata is what is shown about the user.</summary>
    public RoomMember Member { get; set; } = member;

    public override string Key => Member.UserId;
}
