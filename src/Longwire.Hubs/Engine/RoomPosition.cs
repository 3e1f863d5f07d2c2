namespace Longwire.Hubs;

/// <summary>
/// A place in a room's sequence of publications. Offsets count from 1 within an epoch; a new epoch means the engine lost or
/// forgot the sequence, and offsets of another epoch can't be compared.
/// </summary>
/// <param name="Epoch">The name of the sequence: at most 64 letters, digits and hyphens.</param>
/// <param name="Offset">The number of the publication in it; 0 is before the first.</param>
public readonly record struct RoomPosition(string Epoch, long Offset);
