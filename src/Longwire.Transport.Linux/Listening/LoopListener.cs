using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>A listening address, and the sockets accepted on it as they are put on loops.</summary>
internal sealed class LoopListener : IAsyncDisposable
{
    private readonly EventLoopGroup _group;
    private readonly Func<EventLoop, LoopSocketHandler> _createHandler;
    private readonly bool _dealOut;
    private readonly List<Socket> _sockets = [];
    private readonly List<LoopAcceptor> _acceptors = [];
    private Task? _stopping;

    private LoopListener(EventLoopGroup group, Func<EventLoop, LoopSocketHandler> createHandler, bool dealOut)
    {
        _group = group;
        _createHandler = createHandler;
        _dealOut = dealOut;
    }

    /// <summary>The address, with the port that the system chose where 0 was asked for.</summary>
    public EndPoint EndPoint { get; private set; } = null!;

    /// <summary>How often accepting had to be paused because the process or the machine was out of descriptors.</summary>
    public int AcceptPauses => _acceptors.Sum(static acceptor => acceptor.Pauses);

    /// <summary>Binds, listens and begins to accept.</summary>
    /// <param name="group">The loops that the accepted sockets are spread over.</param>
    /// <param name="endPoint">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="createHandler">
    /// Gives the handler of each accepted socket, told the loop that it will be on; called on the accepting loop. It may always give the
    /// same one.
    /// </param>
    /// <param name="options">How to accept; null for the defaults.</param>
    /// <param name="logger">Told when accepting is paused; null for none.</param>
    /// <exception cref="SocketException">The address can't be bound.</exception>
    public static async Task<LoopListener> StartAsync(
        EventLoopGroup group,
        EndPoint endPoint,
        Func<EventLoop, LoopSocketHandler> createHandler,
        LoopListenerOptions? options = null,
        ILogger? logger = null
    )
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(createHandler);
        options ??= new LoopListenerOptions();
        logger ??= Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        bool dealOut = !options.ReusePort || endPoint is not IPEndPoint;
        var listener = new LoopListener(group, createHandler, dealOut);
        try
        {
            foreach (EventLoop loop in dealOut ? group.Loops.Take(1) : group.Loops)
            {
                Socket socket = Bind(endPoint, options.Backlog, reusePort: !dealOut, blocking: group.Kind == EventLoopKind.IoUring);
                listener._sockets.Add(socket);
                // Port 0 is chosen by the first; the others have to share it.
                endPoint = listener.EndPoint = socket.LocalEndPoint!;
                var acceptor = new LoopAcceptor(
                    loop,
                    (int)socket.SafeHandle.DangerousGetHandle(),
                    fd => listener.OnAccepted(loop, fd),
                    logger
                );
                listener._acceptors.Add(acceptor);
                await acceptor.StartAsync().ConfigureAwait(false);
            }
        }
        catch
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return listener;
    }

    /// <summary>Accepts no more and closes the address. The connections stay.</summary>
    public Task StopAsync() => _stopping ??= StopOnceAsync();

    /// <summary>Does what <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task StopOnceAsync()
    {
        foreach (LoopAcceptor acceptor in _acceptors)
        {
            await acceptor.StopAsync().ConfigureAwait(false);
            acceptor.Dispose();
        }

        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void OnAccepted(EventLoop acceptor, int descriptor)
    {
        EventLoop loop = _dealOut ? _group.Next() : acceptor;
        loop.Adopt(descriptor, _createHandler(loop));
    }

    private static Socket Bind(EndPoint endPoint, int backlog, bool reusePort, bool blocking)
    {
        ProtocolType protocol = endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        try
        {
            if (endPoint is IPEndPoint ip)
            {
                if (ip.Address.Equals(IPAddress.IPv6Any))
                {
                    socket.DualMode = true;
                }
                // Accepted sockets inherit it, which spares a call for each.
                socket.NoDelay = true;
                if (reusePort)
                {
                    socket.SetRawSocketOption(Constants.SolSocket, Constants.SoReusePort, [1, 0, 0, 0]);
                }
            }

            socket.Bind(endPoint);
            socket.Listen(backlog);
            socket.Blocking = blocking;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
