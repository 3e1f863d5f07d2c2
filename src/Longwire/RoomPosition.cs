namespace Longwire;

/// <summary>
/// A place in a room's sequence of publications. Offsets count from 1 within an epoch; a new epoch means that the engine lost or
/// forgot the sequence, and offsets of another epoch can't be compared.
/// </summary>
/// <param name="Epoch">The name of the sequence: at most 64 letters, digits and hyphens.</param>
/// <param name="Offset">The number of the publication in it; 0 is before the first.</param>
public readonly record struct RoomPosition(string Epoch, long Offset)
{
    /// <summary>
    /// Tells two publications apart that were given the same offset, as may happen when an engine loses its newest data. 0 for unknown.
    /// </summary>
    public ulong Tag { get; init; }
}
