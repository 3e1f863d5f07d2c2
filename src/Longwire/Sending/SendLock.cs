using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Longwire;

/// <summary>
/// Holds a connection's send lock, which is its transport, until it is disposed of. Where assertions are compiled, what must hold is
/// checked then.
/// </summary>
internal readonly ref struct SendLock
{
    private readonly WebSocketConnection _connection;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SendLock(WebSocketConnection connection)
    {
        _connection = connection;
        Monitor.Enter(connection.Transport);
    }

    /// <summary>Leaves the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        string? broken = null;
        _connection.FindBrokenInvariant(ref broken);
        Monitor.Exit(_connection.Transport);
        // Outside the lock: an assertion that throws must not leave it taken.
        Debug.Assert(broken is null, broken);
    }
}
