namespace Longwire.Hubs;

/// <summary>One turn of a room's clock.</summary>
/// <param name="Number">The turn's number, from 1.</param>
/// <param name="Elapsed">The time since the turn before, or since the room came into being.</param>
public readonly record struct RoomTick(long Number, TimeSpan Elapsed);
