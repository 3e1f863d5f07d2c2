namespace Longwire.Hubs;

/// <summary>One message of a room, with the place the engine gave it.</summary>
/// <param name="Position">Its epoch and offset.</param>
/// <param name="Json">The message as a JSON object in UTF-8, without epoch and offset; immutable.</param>
public readonly record struct Publication(RoomPosition Position, ReadOnlyMemory<byte> Json);
