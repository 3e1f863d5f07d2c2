namespace Longwire.Hubs.Engines;

/// <summary>By what a publication is recognised when it is sent again.</summary>
/// <param name="Producer">The user and the source of the ids; each has a memory of its own.</param>
/// <param name="Request">The type and the id that the producer gave.</param>
public readonly record struct IdempotencyKey(string Producer, string Request);
