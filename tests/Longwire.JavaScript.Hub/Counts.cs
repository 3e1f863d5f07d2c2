namespace Longwire.JavaScript.Hub;

/// <summary>How many handshakes have come and how many sessions there are. Any thread.</summary>
internal sealed class Counts
{
    private int _handshakes;
    private int _sessions;

    public void Handshake() => Interlocked.Increment(ref _handshakes);

    public ValueTask Connected()
    {
        Interlocked.Increment(ref _sessions);
        return ValueTask.CompletedTask;
    }

    public ValueTask Disconnected()
    {
        Interlocked.Decrement(ref _sessions);
        return ValueTask.CompletedTask;
    }

    public object Snapshot() => new { Handshakes = Volatile.Read(ref _handshakes), Sessions = Volatile.Read(ref _sessions) };
}
