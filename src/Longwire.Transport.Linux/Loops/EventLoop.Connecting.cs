using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux;

internal abstract partial class EventLoop
{
    // Outgoing connections leave so many descriptors to the runtime, which can't go on without any descriptor.
    private const int DescriptorReserve = 16;

    /// <summary>
    /// Opens a TCP connection, or one to a Unix socket, on this loop. From any thread; nothing waits but the kernel. The handler's
    /// OnAttached is called on the loop when the connection is open, before anything is received and before the task completes.
    /// </summary>
    /// <param name="endPoint">The peer: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="handler">The socket's handler. It hears nothing of an attempt that fails.</param>
    /// <param name="options">The time-out and this side's address; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a socket that is connected.</param>
    /// <exception cref="SocketException">
    /// It could not be opened: <see cref="SocketError.ConnectionRefused"/>, <see cref="SocketError.TimedOut"/>,
    /// <see cref="SocketError.TooManyOpenSockets"/> where descriptors have run out, <see cref="SocketError.AddressNotAvailable"/> where
    /// local ports have,
    /// <see cref="SocketError.OperationAborted"/> where the loop ends.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public Task<LoopSocket> ConnectAsync(
        EndPoint endPoint,
        LoopSocketHandler handler,
        LoopConnectOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(handler);
        if (endPoint is not (IPEndPoint or UnixDomainSocketEndPoint))
        {
            throw new ArgumentException(
                "A loop connects to IP addresses and Unix sockets; names have to be looked up before.",
                nameof(endPoint)
            );
        }

        var attempt = new ConnectAttempt(this, endPoint, handler, options ?? LoopConnectOptions.Default, cancellationToken);
        attempt.Begin();
        // Pushed behind the loop's last look at its work, nobody else would answer it.
        if (_ended.Task.IsCompleted)
        {
            attempt.Refuse();
        }

        return attempt.Task;
    }

    /// <summary>Opens a socket that can be put on this loop; the descriptor, or the error number negated.</summary>
    internal int OpenSocket(int family)
    {
        int descriptor = Calls.OpenSocket(family, nonBlocking: Kind == EventLoopKind.Epoll);
        if (descriptor < 0)
        {
            return descriptor;
        }

        int limit = Descriptor.Limit();
        if (descriptor < limit - Math.Min(DescriptorReserve, limit / 8))
        {
            return descriptor;
        }

        _ = LibC.close(descriptor);
        return -Errno.TooManyFiles;
    }

    /// <summary>Puts a socket on the loop and has the kernel connect it.</summary>
    internal void BeginConnect(LoopSocket socket, ConnectAttempt attempt)
    {
        socket.Slot = Sockets.Add(socket);
        socket.Flags |= SocketFlags.Attached;
        CountSocket(1);
        if (_stopping)
        {
            socket.Abort();
            return;
        }

        socket.SetTimer(attempt.Timeout);
        Connect(socket, attempt);
    }

    /// <summary>Asks the kernel to connect; <see cref="Connected"/> or <see cref="BeginClose"/> follows.</summary>
    private protected abstract void Connect(LoopSocket socket, ConnectAttempt attempt);

    /// <summary>The kernel has connected the socket: from here on it is its handler's. The loop receives for it next.</summary>
    private protected void Connected(LoopSocket socket)
    {
        var attempt = (ConnectAttempt)socket.State!;
        socket.State = null;
        socket.ClearTimer();
        socket.Handler = attempt.Handler;
        DeliverAttached(socket);
        attempt.Succeed(socket);
    }

    private void RefuseWork()
    {
        for (LoopWorkItem? item = _work.TakeAll(); item is not null; item = item.NextItem)
        {
            item.Refuse();
        }
    }
}
