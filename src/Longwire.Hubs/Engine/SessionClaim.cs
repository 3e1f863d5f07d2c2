namespace Longwire.Hubs.Engines;

/// <summary>One claim about a session's user.</summary>
/// <param name="Type">The claim's type.</param>
/// <param name="Value">The claim's value.</param>
public readonly record struct SessionClaim(string Type, string Value);
