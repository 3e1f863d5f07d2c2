namespace Longwire.Hubs.Engines;

/// <summary>A question of one node to another.</summary>
/// <param name="ClientId">The session that it is about.</param>
/// <param name="Content">The hub's own: engines carry it as it is. It is no less confidential than what sessions say.</param>
public sealed record NodeQuestion(string ClientId, ReadOnlyMemory<byte> Content);
