namespace Longwire.Conformance;

/// <summary>A course of events that a case allows, and the verdict that it earns.</summary>
internal sealed record Expectation(Verdict Verdict, IReadOnlyList<PeerEvent> Events, string Meaning);
