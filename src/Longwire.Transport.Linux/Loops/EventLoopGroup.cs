using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Transport.Linux;

/// <summary>The event loops of a process, or of a part of it. Thread-safe.</summary>
public sealed class EventLoopGroup : IAsyncDisposable, IDisposable
{
    private readonly EventLoop[] _loops;
    private readonly ILogger _logger;
    private int _next = -1;
    private int _disposed;

    /// <summary>Starts the loops.</summary>
    /// <param name="options">Their number, kind and limits; null for the defaults.</param>
    /// <param name="logger">Told which kind was chosen, and of every fault; null for none.</param>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux, or not a 64-bit one.</exception>
    /// <exception cref="Win32Exception">The kernel refuses the kind that was asked for.</exception>
    public EventLoopGroup(EventLoopOptions? options = null, ILogger? logger = null)
        : this(options ?? new EventLoopOptions(), logger ?? NullLogger.Instance, SystemCalls.Kernel) { }

    internal EventLoopGroup(EventLoopOptions options, ILogger logger, SystemCalls calls)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("Longwire's event loops need 64-bit Linux.");
        }

        options.Checked();
        _logger = logger;
        Options = options;
        _loops = new EventLoop[options.LoopCount];
        Kind = Start(calls);
    }

    /// <summary>True where event loops can run: 64-bit Linux.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture
            is Architecture.X64
                or Architecture.Arm64
                or Architecture.RiscV64
                or Architecture.LoongArch64;

    /// <summary>The loops.</summary>
    internal IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>The kind that was chosen at start-up.</summary>
    public EventLoopKind Kind { get; }

    /// <summary>The sockets on all loops.</summary>
    public int SocketCount => _loops.Sum(static loop => loop.SocketCount);

    internal EventLoopOptions Options { get; }

    /// <summary>The loops in turn.</summary>
    internal EventLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>Opens a connection on the next loop in turn; see <see cref="EventLoop.ConnectAsync"/>.</summary>
    /// <param name="endPoint">The peer.</param>
    /// <param name="handler">The socket's handler.</param>
    /// <param name="options">The time-out and this side's address; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    internal Task<LoopSocket> ConnectAsync(
        EndPoint endPoint,
        LoopSocketHandler handler,
        LoopConnectOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Next().ConnectAsync(endPoint, handler, options, cancellationToken);

    /// <summary>
    /// Ends the loops: every handler's <see cref="LoopSocketHandler.OnStopping"/> is called, and the sockets have until the token is
    /// cancelled to close; then they are aborted.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            foreach (EventLoop loop in _loops)
            {
                loop.Stop();
            }
        }

        Task ended = Task.WhenAll(_loops.Select(static loop => loop.Ended));
        try
        {
            await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.Aborted(_logger, SocketCount);
            foreach (EventLoop loop in _loops)
            {
                loop.AbortAll();
            }

            await ended.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the loops; sockets that are still open get the linger time-out to close.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Options.LingerTimeout, Options.TimeProvider);
        await StopAsync(patience.Token).ConfigureAwait(false);
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private EventLoopKind Start(SystemCalls calls)
    {
        if (Options.Kind != EventLoopKind.Epoll)
        {
            try
            {
                StartAll(index => new IoUringLoop(index, Options, calls, _logger));
                Log.LoopsStarted(_logger, _loops.Length, EventLoopKind.IoUring);
                return EventLoopKind.IoUring;
            }
            catch (Win32Exception exception) when (Options.Kind == EventLoopKind.Automatic)
            {
                StartAll(index => new EpollLoop(index, Options, calls, _logger));
                Log.LoopsFellBack(_logger, _loops.Length, exception.Message);
                return EventLoopKind.Epoll;
            }
        }

        StartAll(index => new EpollLoop(index, Options, calls, _logger));
        Log.LoopsStarted(_logger, _loops.Length, EventLoopKind.Epoll);
        return EventLoopKind.Epoll;
    }

    private void StartAll(Func<int, EventLoop> create)
    {
        for (int i = 0; i < _loops.Length; i++)
        {
            _loops[i] = create(i);
            try
            {
                _loops[i].Start();
            }
            catch (Win32Exception)
            {
                for (int started = 0; started < i; started++)
                {
                    _loops[started].Stop();
                }

                throw;
            }
        }
    }
}
