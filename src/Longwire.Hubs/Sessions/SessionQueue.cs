namespace Longwire.Hubs;

/// <summary>The events that wait for a session, in order, and their size. The session's lock guards it.</summary>
internal sealed class SessionQueue
{
    private readonly Queue<SessionEvent> _events = new();

    public int Messages { get; private set; }

    /// <summary>How many bytes the messages have.</summary>
    public int Bytes { get; private set; }

    /// <summary>How many connections wait to be let in.</summary>
    public int Attaches { get; private set; }

    public void Add(SessionEvent happened)
    {
        Count(happened, 1);
        _events.Enqueue(happened);
    }

    public bool TryTake(out SessionEvent next)
    {
        if (!_events.TryDequeue(out next))
        {
            return false;
        }

        Count(next, -1);
        return true;
    }

    private void Count(SessionEvent happened, int by)
    {
        if (happened.Payload is { } payload)
        {
            Messages += by;
            Bytes += by * payload.Length;
        }
        else if (happened.Kind == SessionEventKind.Attach)
        {
            Attaches += by;
        }
    }
}
