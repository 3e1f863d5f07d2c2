using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Longwire.AspNetCore;

/// <summary>
/// Lets a connection of Kestrel's own sockets outlive the end of its peer's direction of TCP. By itself Kestrel takes that for the end of
/// both, and drops what is yet to be sent; that is right for a request, whose client is gone, and wrong for a WebSocket, whose peer may be
/// owed answers and a Close. So while a WebSocket lives Kestrel doesn't hear of it: the WebSocket does, and ends TCP itself.
/// </summary>
internal sealed class HalfClose
{
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private bool _held;
    private bool _isClosed;

    /// <summary>Stands between a connection and Kestrel, which has not seen it yet.</summary>
    public static void Insert(ConnectionContext connection)
    {
        var halfClose = new HalfClose();
        connection.Features.Set(halfClose);
        CancellationToken closed = connection.ConnectionClosed;
        connection.ConnectionClosed = halfClose._closed.Token;
        closed.UnsafeRegister(static state => ((HalfClose)state!).OnClosed(), halfClose);
    }

    /// <summary>From here on a WebSocket has the connection, to its end.</summary>
    /// <param name="end">Tells when HTTP has ended on the connection; it would drop what is still to be sent.</param>
    public void Hold(IConnectionCompleteFeature? end)
    {
        lock (_lock)
        {
            _held = true;
        }

        end?.OnCompleted(
            static state =>
            {
                ((HalfClose)state).Release();
                return Task.CompletedTask;
            },
            this
        );
    }

    /// <summary>There is no WebSocket: Kestrel hears of the end if it has come.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _held = false;
        }

        CloseUnlessHeld();
    }

    private void OnClosed()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        CloseUnlessHeld();
    }

    private void CloseUnlessHeld()
    {
        lock (_lock)
        {
            if (_held || !_isClosed)
            {
                return;
            }
        }

        _closed.Cancel();
    }
}
