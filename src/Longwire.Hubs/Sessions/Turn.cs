namespace Longwire.Hubs;

/// <summary>
/// Marks that the application is called in the turn of a session or of a room: what it then does with that one is done at once, because
/// waiting for the next turn would wait for itself.
/// </summary>
internal sealed class Turn : IDisposable
{
    private static readonly AsyncLocal<Turn?> _current = new();

    private readonly object _owner;
    private readonly Turn? _outer;
    private volatile bool _ended;

    private Turn(object owner, Turn? outer)
    {
        _owner = owner;
        _outer = outer;
    }

    public static Turn Enter(object owner)
    {
        var turn = new Turn(owner, _current.Value);
        _current.Value = turn;
        return turn;
    }

    /// <summary>Whether the caller runs in a turn of the owner that has not ended.</summary>
    public static bool IsIn(object owner)
    {
        for (Turn? turn = _current.Value; turn is not null; turn = turn._outer)
        {
            if (turn._owner == owner && !turn._ended)
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
