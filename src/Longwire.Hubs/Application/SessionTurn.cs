namespace Longwire.Hubs;

/// <summary>
/// Marks that the application is called in a session's turn: what it then does with that session is done at once, because waiting for the
/// session's next turn would wait for itself.
/// </summary>
internal sealed class SessionTurn : IDisposable
{
    private static readonly AsyncLocal<SessionTurn?> _current = new();

    private readonly HubSession _session;
    private readonly SessionTurn? _outer;
    private volatile bool _ended;

    private SessionTurn(HubSession session, SessionTurn? outer)
    {
        _session = session;
        _outer = outer;
    }

    public static SessionTurn Enter(HubSession session)
    {
        var turn = new SessionTurn(session, _current.Value);
        _current.Value = turn;
        return turn;
    }

    /// <summary>Whether the caller runs in a turn of the session that has not ended.</summary>
    public static bool IsIn(HubSession session)
    {
        for (SessionTurn? turn = _current.Value; turn is not null; turn = turn._outer)
        {
            if (turn._session == session && !turn._ended)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        _ended = true;
        _current.Value = _outer;
    }
}
