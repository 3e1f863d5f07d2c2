using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>One outgoing connection, from the asking to its socket or to why there is none.</summary>
internal sealed unsafe class ConnectAttempt : LoopWorkItem
{
    private readonly EventLoop _loop;
    private readonly SocketAddress _remote;
    private readonly IPAddress? _local;
    private readonly CancellationToken _cancellationToken;
    private readonly TaskCompletionSource<LoopSocket> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private LoopSocket? _socket;
    private void* _pinned;

    public ConnectAttempt(
        EventLoop loop,
        EndPoint endPoint,
        LoopSocketHandler handler,
        LoopConnectOptions options,
        CancellationToken cancellationToken
    )
    {
        _loop = loop;
        _remote = endPoint.Serialize();
        _local = endPoint is IPEndPoint ? options.LocalAddress : null;
        _cancellationToken = cancellationToken;
        Handler = handler;
        Timeout = options.Timeout;
    }

    /// <summary>Gets the socket once it is connected.</summary>
    public LoopSocketHandler Handler { get; }

    public TimeSpan Timeout { get; }

    /// <summary>The peer's address as the kernel wants it.</summary>
    public Span<byte> Address => _remote.Buffer.Span[.._remote.Size];

    public Task<LoopSocket> Task => _done.Task;

    public void Begin()
    {
        _cancellation = _cancellationToken.UnsafeRegister(
            static attempt => ((ConnectAttempt)attempt!)._loop.Post(static posted => ((ConnectAttempt)posted!).Cancel(), attempt),
            this
        );
        _loop.Post(this);
    }

    /// <summary>The socket is connected and has been made known to its handler.</summary>
    public void Succeed(LoopSocket socket)
    {
        _cancellation.Unregister();
        _done.TrySetResult(socket);
    }

    public void Fail(SocketError error)
    {
        _cancellation.Unregister();
        if (_cancellationToken.IsCancellationRequested)
        {
            _done.TrySetCanceled(_cancellationToken);
        }
        else
        {
            _done.TrySetException(new SocketException((int)error));
        }
    }

    /// <summary>A copy of the address in memory that doesn't move, for as long as the kernel may look at it (io_uring).</summary>
    public void* PinAddress()
    {
        _pinned = NativeMemory.Alloc((nuint)_remote.Size);
        Address.CopyTo(new Span<byte>(_pinned, _remote.Size));
        return _pinned;
    }

    public void UnpinAddress()
    {
        NativeMemory.Free(_pinned);
        _pinned = null;
    }

    internal override void Refuse() => Fail(SocketError.OperationAborted);

    protected internal override void Execute()
    {
        if (_cancellationToken.IsCancellationRequested)
        {
            Fail(SocketError.OperationAborted);
            return;
        }

        int descriptor = Open();
        if (descriptor < 0)
        {
            Fail(Errno.ToSocketError(-descriptor));
            return;
        }

        _socket = new LoopSocket(_loop, descriptor, ConnectingHandler.Instance) { State = this };
        _loop.BeginConnect(_socket, this);
    }

    private void Cancel()
    {
        if (_socket is not null && ReferenceEquals(_socket.State, this))
        {
            _loop.BeginClose(_socket, Errno.Canceled);
        }
    }

    private int Open()
    {
        int family = MemoryMarshal.Read<ushort>(_remote.Buffer.Span);
        int descriptor = _loop.OpenSocket(family);
        if (descriptor < 0)
        {
            return descriptor;
        }

        int one = 1;
        if (family != Constants.FamilyUnix)
        {
            _ = LibC.setsockopt(descriptor, Constants.LevelTcp, Constants.TcpNoDelay, &one, sizeof(int));
        }

        if (_local is null)
        {
            return descriptor;
        }

        // The port is left open until the peer is known: then it need only be free towards that peer.
        _ = LibC.setsockopt(descriptor, Constants.LevelIp, Constants.IpBindAddressNoPort, &one, sizeof(int));
        SocketAddress local = new IPEndPoint(_local, 0).Serialize();
        fixed (byte* address = local.Buffer.Span)
        {
            if (LibC.bind(descriptor, address, local.Size) == 0)
            {
                return descriptor;
            }
        }

        int error = Marshal.GetLastSystemError();
        _ = LibC.close(descriptor);
        return -error;
    }
}
