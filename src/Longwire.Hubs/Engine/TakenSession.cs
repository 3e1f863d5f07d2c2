namespace Longwire.Hubs.Engines;

/// <summary>A session that has become the caller's.</summary>
/// <param name="Record">The session as it was saved last.</param>
/// <param name="Generation">Its generation from here on.</param>
/// <param name="FormerGeneration">Its generation before.</param>
/// <param name="Node">The node that had it; perhaps the same one.</param>
public sealed record TakenSession(SessionRecord Record, long Generation, long FormerGeneration, string Node);
