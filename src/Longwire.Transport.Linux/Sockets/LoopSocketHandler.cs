using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>
/// Handles a socket's bytes. One instance may serve one socket or many. Every method runs on the socket's loop, so for one
/// socket they never overlap, and none may block: all other sockets of the loop would wait.
/// </summary>
internal abstract class LoopSocketHandler
{
    /// <summary>The socket is on its loop and begins to receive.</summary>
    protected internal virtual void OnAttached(LoopSocket socket) { }

    /// <summary>
    /// Bytes have arrived, in the loop's own buffer: they may be written to in place (unmasked), and are gone when this returns.
    /// </summary>
    protected internal abstract void OnReceive(LoopSocket socket, Span<byte> data);

    /// <summary>The peer sends no more (it sent FIN); it may still receive. By default the socket is closed.</summary>
    protected internal virtual void OnPeerEnded(LoopSocket socket) => socket.Close();

    /// <summary>
    /// A send has failed for good, or the peer has reset the connection while receiving was paused: nothing can be sent any more. Bytes
    /// that came before is still received, after resuming where it is paused; then <see cref="OnClosed"/> follows. Called again when the
    /// handler pauses at that. By default a socket that is paused is closed at once.
    /// </summary>
    protected internal virtual void OnSendingEnded(LoopSocket socket, SocketError error) => socket.CloseIfPaused();

    /// <summary>The kernel took all that it had refused before: <see cref="LoopSocket.PendingBytes"/> is 0 and more may be sent.</summary>
    protected internal virtual void OnWritable(LoopSocket socket) { }

    /// <summary>Someone called <see cref="LoopSocket.Post"/>, once or several times since the last call.</summary>
    protected internal virtual void OnPosted(LoopSocket socket) { }

    /// <summary>The time set by <see cref="LoopSocket.SetTimer"/> has come.</summary>
    protected internal virtual void OnTimer(LoopSocket socket) { }

    /// <summary>A method of this handler threw; the loop has counted and logged it. By default the socket is aborted.</summary>
    protected internal virtual void OnFault(LoopSocket socket, Exception exception) => socket.Abort();

    /// <summary>
    /// The loop is about to end. By default the socket is closed; those that are left after the loop's patience are aborted.
    /// </summary>
    protected internal virtual void OnStopping(LoopSocket socket) => socket.Close();

    /// <summary>
    /// The socket is closed; nothing follows. Called exactly once, whoever closed it. The error is
    /// <see cref="SocketError.Success"/> where it ended in good order, <see cref="SocketError.OperationAborted"/> where this side aborted
    /// it.
    /// </summary>
    protected internal abstract void OnClosed(LoopSocket socket, SocketError error);
}
