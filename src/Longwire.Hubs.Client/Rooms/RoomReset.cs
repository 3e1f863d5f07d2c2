namespace Longwire.Hubs.Client;

/// <summary>Something may be missing in a room: an application that shows the room's state reads it again. Immutable.</summary>
/// <param name="Cause">Why.</param>
/// <param name="From">The last place before; the default where it is not known.</param>
/// <param name="To">The place behind which the room's messages go on.</param>
public sealed record RoomReset(RoomResetCause Cause, RoomPosition From, RoomPosition To);
