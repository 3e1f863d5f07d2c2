namespace Longwire.Conformance;

/// <summary>A client under test that has called: its request is read, and nothing is answered yet.</summary>
internal sealed record ClientCall(Stream Stream, HttpHead Request);
