namespace Longwire.Hubs;

/// <summary>A part of a room's history.</summary>
/// <param name="Position">Where the room was when the page was read.</param>
/// <param name="Publications">The publications, in rising offsets, without gaps between them.</param>
public sealed record HistoryPage(RoomPosition Position, IReadOnlyList<Publication> Publications);
