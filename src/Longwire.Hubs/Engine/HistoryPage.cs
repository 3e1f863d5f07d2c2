namespace Longwire.Hubs.Engines;

/// <summary>A part of a room's history.</summary>
/// <param name="Position">Where the room was when the page was read.</param>
/// <param name="Publications">
/// The publications, in rising offsets. Where changes were read too there are no gaps between them; else only changes are missing.
/// </param>
public sealed record HistoryPage(RoomPosition Position, IReadOnlyList<Publication> Publications)
{
    /// <summary>Whether the page goes on from a position without a gap and in the same sequence, although perhaps not to the end.</summary>
    /// <param name="position">The position.</param>
    public bool ContinuesFrom(RoomPosition position) =>
        Position.Epoch == position.Epoch
        && (
            Publications.Count > 0
                ? Publications[0].Position.Offset == position.Offset + 1 && IsSameTag(Publications[0].PreviousTag, position.Tag)
                : Position.Offset == position.Offset && IsSameTag(Position.Tag, position.Tag)
        );

    /// <summary>Whether the page is all that was published since a position.</summary>
    /// <param name="position">The position. Its tag is compared unless it is 0.</param>
    public bool IsAllSince(RoomPosition position) => ContinuesFrom(position) && Publications.Count == Position.Offset - position.Offset;

    private static bool IsSameTag(ulong tag, ulong expected) => expected == 0 || tag == expected;
}
