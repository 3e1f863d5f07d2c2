namespace Longwire.Hubs;

/// <summary>A part of a room's presence, as a member is shown it.</summary>
/// <param name="Page">The users, and how many there are.</param>
/// <param name="IsWhole">Whether it begins with the first user; else it is what changed.</param>
/// <param name="Next">Behind which version more follows; null where nothing does.</param>
internal sealed record ShownPresence(PresencePage Page, bool IsWhole, long? Next);
