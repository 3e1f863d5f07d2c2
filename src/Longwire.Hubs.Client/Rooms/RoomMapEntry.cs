namespace Longwire.Hubs.Client;

/// <summary>A key of a room's map. Immutable.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value; the default where the key was removed.</param>
/// <param name="Version">The version: the offset of the key's last change.</param>
public sealed record RoomMapEntry<T>(T? Value, long Version);
