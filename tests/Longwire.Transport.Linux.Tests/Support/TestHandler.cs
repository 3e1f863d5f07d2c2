using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

/// <summary>A handler made of delegates; without one for receiving it echoes.</summary>
internal sealed class TestHandler : LoopSocketHandler
{
    private readonly TaskCompletionSource<LoopSocket> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SocketError> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closedCalls;

    public delegate void Receiver(LoopSocket socket, Span<byte> data);

    public Receiver Receive { get; init; } = static (socket, data) => socket.Send(data);

    public Action<LoopSocket>? Attach { get; init; }

    public Action<LoopSocket>? PeerEnd { get; init; }

    public Action<LoopSocket>? Writable { get; init; }

    public Action<LoopSocket>? Posted { get; init; }

    public Action<LoopSocket>? Timer { get; init; }

    public Action<LoopSocket, Exception>? Faulted { get; init; }

    public Action<SocketError>? Close { get; init; }

    public Task<LoopSocket> Attached => _attached.Task.WaitAsync(TestServer.Patience);

    public Task<SocketError> Closed => _closed.Task.WaitAsync(TestServer.Patience);

    public int ClosedCalls => Volatile.Read(ref _closedCalls);

    protected internal override void OnAttached(LoopSocket socket)
    {
        Attach?.Invoke(socket);
        _attached.TrySetResult(socket);
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data) => Receive(socket, data);

    protected internal override void OnPeerEnded(LoopSocket socket)
    {
        if (PeerEnd is null)
        {
            base.OnPeerEnded(socket);
        }
        else
        {
            PeerEnd(socket);
        }
    }

    protected internal override void OnWritable(LoopSocket socket) => Writable?.Invoke(socket);

    protected internal override void OnPosted(LoopSocket socket) => Posted?.Invoke(socket);

    protected internal override void OnTimer(LoopSocket socket) => Timer?.Invoke(socket);

    protected internal override void OnFault(LoopSocket socket, Exception exception)
    {
        if (Faulted is null)
        {
            base.OnFault(socket, exception);
        }
        else
        {
            Faulted(socket, exception);
        }
    }

    protected internal override void OnClosed(LoopSocket socket, SocketError error)
    {
        Interlocked.Increment(ref _closedCalls);
        Close?.Invoke(error);
        _closed.TrySetResult(error);
    }
}
