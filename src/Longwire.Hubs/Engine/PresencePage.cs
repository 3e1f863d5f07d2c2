namespace Longwire.Hubs.Engines;

/// <summary>A part of the members of a room.</summary>
/// <param name="Version">The number of the newest change when the page was read.</param>
/// <param name="Members">How many members there were, on all nodes.</param>
/// <param name="Users">How many users these were.</param>
/// <param name="Entries">
/// The users in the order of their versions. Users who have left are among them, without connections, as long as the engine knows.
/// </param>
/// <param name="HasMore">Whether there are users with greater versions.</param>
/// <param name="KnowsSince">The version behind which the engine knows every user who has left.</param>
public sealed record PresencePage(
    long Version,
    int Members,
    int Users,
    IReadOnlyList<PresenceEntry> Entries,
    bool HasMore,
    long KnowsSince
);
