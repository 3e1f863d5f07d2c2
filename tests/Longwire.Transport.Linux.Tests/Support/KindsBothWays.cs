namespace Longwire.Transport.Linux.Tests;

/// <summary>Each kind of loop, with false and with true.</summary>
public sealed class KindsBothWays : TheoryData<EventLoopKind, bool>
{
    public KindsBothWays()
    {
        foreach (EventLoopKind kind in new Kinds().Select(static row => row.Data))
        {
            Add(kind, false);
            Add(kind, true);
        }
    }
}
