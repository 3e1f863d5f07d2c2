namespace Longwire.Hubs;

/// <summary>The details that a join asks for beside the room.</summary>
internal readonly record struct JoinDetails(RoomPosition? Recover, int History, bool WantsState);
