namespace Longwire.Hubs.Engines;

/// <summary>How a change of a room's map is kept.</summary>
/// <param name="MaxKeys">How many keys the map may have.</param>
/// <param name="MaxBytes">How many bytes its keys and values may take.</param>
/// <param name="Changes">
/// How the changes themselves are kept, beside the history of messages, for those who come back; and by what a change is recognised when it
/// is sent again.
/// </param>
public readonly record struct MapStoreOptions(int MaxKeys, long MaxBytes, StoreOptions Changes);
