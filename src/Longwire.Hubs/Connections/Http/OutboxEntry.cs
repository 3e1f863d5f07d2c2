namespace Longwire.Hubs;

/// <summary>A message that waits for its client to take it.</summary>
/// <param name="Json">The message.</param>
/// <param name="Told">The event of a room that it tells of, if it does.</param>
/// <param name="MakesRoom">Whether it may be dropped for a later one of its kind.</param>
/// <param name="ReplaceKey">With which key it is dropped first.</param>
internal readonly record struct OutboxEntry(
    ReadOnlyMemory<byte> Json,
    RoomEvent? Told = null,
    bool MakesRoom = false,
    string? ReplaceKey = null
);
