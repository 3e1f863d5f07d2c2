namespace Longwire.Hubs.Engines;

/// <summary>What came of publishing.</summary>
/// <param name="Position">Where the publication is; when it is repeated, where the first is; else where the room is.</param>
/// <param name="Outcome">What came of it.</param>
public readonly record struct PublishResult(RoomPosition Position, PublishOutcome Outcome);
