namespace Longwire.Hubs;

/// <summary>The value of a key of a room's map.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Version">Its version: the offset of the key's last change.</param>
public sealed record MapValue<T>(T Value, long Version);
