namespace Longwire.Conformance;

/// <summary>A client under test that has called: its request is read, and nothing is answered yet.</summary>
internal sealed record ClientCall(Stream Stream, HttpHead Request)
{
    /// <summary>The client has used this key before, where it has to choose a new one each time.</summary>
    public bool KeyWasUsed { get; init; }

    /// <summary>Waits until the client has called again, for this case's sake or another's. False when the time is over before.</summary>
    public Func<TimeSpan, CancellationToken, Task<bool>> CallsAgainAsync { get; init; } = static (_, _) => Task.FromResult(false);
}
