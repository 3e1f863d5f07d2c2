namespace Longwire.Hubs.Engines;

/// <summary>A part of a room's map.</summary>
/// <param name="Position">Where the room was when the page was read.</param>
/// <param name="Entries">
/// The keys in the order of their versions. Keys that were removed are among them as long as the engine knows.
/// </param>
/// <param name="HasMore">Whether there are keys with greater versions.</param>
/// <param name="KnowsSince">The offset behind which the engine knows every key that was removed.</param>
public sealed record MapPage(RoomPosition Position, IReadOnlyList<MapEntry> Entries, bool HasMore, long KnowsSince);
