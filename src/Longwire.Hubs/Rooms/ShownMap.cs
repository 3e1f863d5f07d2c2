namespace Longwire.Hubs;

/// <summary>A part of a room's map, as a member is shown it.</summary>
/// <param name="IsWhole">Whether it begins with the first key; else it is what changed.</param>
/// <param name="Entries">The keys.</param>
/// <param name="Next">Behind which version more follows; null where nothing does.</param>
internal sealed record ShownMap(bool IsWhole, IReadOnlyList<MapEntry> Entries, long? Next);
