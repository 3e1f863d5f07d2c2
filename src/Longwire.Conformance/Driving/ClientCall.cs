namespace Longwire.Conformance;

/// <summary>A client under test that has called: its request is read, and nothing is answered yet.</summary>
internal sealed record ClientCall(Stream Stream, HttpHead Request)
{
    /// <summary>The client has used this key before, where it has to choose a new one each time.</summary>
    public bool KeyWasUsed { get; init; }
}
