namespace Longwire.Hubs;

/// <summary>A rule by which clients may change keys of a map.</summary>
/// <param name="Prefix">The beginning of the keys.</param>
/// <param name="AskAsync">Whether a client may; null for every member.</param>
internal sealed record MapRule(string Prefix, Func<HubCall, MapRequest, ValueTask<HubDecision>>? AskAsync);
