namespace Longwire.Hubs;

/// <summary>What a join asks for beside the room.</summary>
internal readonly record struct JoinDetails(RoomPosition? Recover, int History, bool WantsState);
