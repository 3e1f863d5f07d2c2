namespace Longwire.Hubs.Engines;

/// <summary>A publication with the place that the engine gave it.</summary>
/// <param name="Position">Its epoch, offset and tag.</param>
/// <param name="PreviousTag">
/// The tag of the publication before it, 0 for the first: each names its predecessor, so that a sequence which forks is noticed.
/// </param>
/// <param name="Draft">The publication's content.</param>
public sealed record Publication(RoomPosition Position, ulong PreviousTag, PublicationDraft Draft)
{
    /// <summary>How many messages the sequence has up to here, this one included: all publications but changes of the room's map.</summary>
    public long Messages { get; init; }

    /// <summary>Whether this is the next publication after a position.</summary>
    /// <param name="position">The position.</param>
    public bool Follows(RoomPosition position) =>
        Position.Offset == position.Offset + 1 && Position.Epoch == position.Epoch && PreviousTag == position.Tag;

    /// <summary>Whether it is the publication at a position, or one before that.</summary>
    internal bool IsPartOf(RoomPosition position) => Position.IsPartOf(position);

    /// <summary>The place before it.</summary>
    internal RoomPosition PositionBefore => Position with { Offset = Position.Offset - 1, Tag = PreviousTag };

    /// <summary>
    /// Where a sequence has to go on that stood at a position, because publications are missing between the two; null when none are. One
    /// without an epoch began before the room was subscribed to, and was told nothing before.
    /// </summary>
    internal RoomPosition? GapBehind(RoomPosition position) => position.Epoch.Length > 0 && !Follows(position) ? PositionBefore : null;
}
