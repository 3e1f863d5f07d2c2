namespace Longwire;

/// <summary>
/// Holds a connection's send lock, which is its transport, until it is disposed of. In debug builds what must hold is checked then.
/// </summary>
internal readonly ref struct SendLock
{
    private readonly WebSocketConnection _connection;

    public SendLock(WebSocketConnection connection)
    {
        _connection = connection;
        Monitor.Enter(connection.Transport);
    }

    /// <summary>Leaves the lock.</summary>
    public void Dispose()
    {
        try
        {
            _connection.AssertInvariants();
        }
        finally
        {
            Monitor.Exit(_connection.Transport);
        }
    }
}
