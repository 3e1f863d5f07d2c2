namespace Longwire.Hubs.Client;

/// <summary>A change of a room's map. Immutable.</summary>
/// <param name="Key">The key, without the view's prefix; null when all of it may be another, after a whole map was read.</param>
/// <param name="IsRemoved">Whether the key was removed.</param>
public sealed record RoomMapChange(string? Key, bool IsRemoved);
