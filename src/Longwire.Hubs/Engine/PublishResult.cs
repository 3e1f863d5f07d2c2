namespace Longwire.Hubs.Engines;

/// <summary>The outcome of publishing.</summary>
/// <param name="Position">Where the publication is; when it is repeated, where the first is; else where the room is.</param>
/// <param name="Outcome">The outcome.</param>
public readonly record struct PublishResult(RoomPosition Position, PublishOutcome Outcome);
