namespace Longwire.Yjs;

/// <summary>The state that one Yjs client announces: its cursor, its name.</summary>
/// <param name="Clock">Counts its changes: the newer one wins.</param>
/// <param name="State">JSON; null when the client is gone.</param>
/// <param name="Owner">The connection that said it last.</param>
/// <param name="Heard">When that was, as the clock's timestamp.</param>
internal readonly record struct AwarenessEntry(long Clock, byte[]? State, object? Owner, long Heard);
