namespace Longwire.Hubs.Engines;

/// <summary>A key of a room's map.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value, JSON in UTF-8; null when it was removed.</param>
/// <param name="Version">The offset of its last change.</param>
public sealed record MapEntry(string Key, ReadOnlyMemory<byte>? Value, long Version);
