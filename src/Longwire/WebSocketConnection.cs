using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Claims;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// One live WebSocket connection, server or client, after its opening handshake. Sending and closing are safe from any
/// thread; reading is for one reader at a time.
/// </summary>
/// <remarks>
/// Received messages go to a <see cref="WebSocketHandler"/> where the connection was made with one, else they are read by
/// <see cref="ReadAsync"/> or <see cref="ReadAllAsync"/>. Pings are answered and the closing handshake is kept without help of the
/// application, as long as it reads what it receives.
/// </remarks>
public sealed partial class WebSocketConnection : IAsyncDisposable
{
    private static long _named;

    // One for all connections that are made without any, which can't change it.
    private static readonly WebSocketConnectionOptions _defaults = new();

    private readonly WebSocketTransport _transport;
    private readonly WebSocketHandler? _handler;
    private readonly MessageInbox? _inbox;
    private Identity? _identity;
    private bool _started;
    private bool _openedEarly; // before it was started; what is sent meanwhile is held

    /// <summary>Makes a connection over a transport. <see cref="Start"/> sets it going.</summary>
    /// <param name="transport">What carries the bytes that follow the opening handshake.</param>
    /// <param name="role">This side's role.</param>
    /// <param name="options">Limits and times; null for the defaults.</param>
    /// <param name="handler">Receives the messages; null to read them.</param>
    /// <param name="subprotocol">The subprotocol that the handshake agreed on.</param>
    /// <param name="deflate">
    /// The parameters that the handshake agreed on for compressed messages, which the connection disposes of; null for nothing.
    /// </param>
    internal WebSocketConnection(
        WebSocketTransport transport,
        WebSocketRole role,
        WebSocketConnectionOptions? options = null,
        WebSocketHandler? handler = null,
        string? subprotocol = null,
        PerMessageDeflate? deflate = null
    )
    {
        ArgumentNullException.ThrowIfNull(transport);
        _transport = transport;
        _handler = handler;
        Options = options ?? _defaults;
        Options.MakeReadOnly();
        if (subprotocol is not null)
        {
            TheIdentity.Subprotocol = subprotocol;
        }

        _receiver = new MessageReceiver(
            role,
            handler is null || Options.MaxStreamedMessageBytes == 0 ? Options.Limits : Options.Limits with { MaxStreamedMessageBytes = 0 },
            deflate
        );
        _timers = transport.Timers ?? TimerWheel.For(Options.TimeProvider);
        if (handler is null)
        {
            _inbox = new MessageInbox(Options.ReceiveQueueBytes);
        }

        transport.Connection = this;
    }

    /// <summary>This side's role.</summary>
    public WebSocketRole Role => _receiver.Role;

    /// <summary>The subprotocol that the opening handshake agreed on; null for none.</summary>
    public string? Subprotocol => _identity?.Subprotocol;

    /// <summary>The parameters that the opening handshake agreed on for compressed messages (RFC 7692); null for none.</summary>
    public DeflateParameters? Deflate => _receiver.Deflate?.Parameters;

    /// <summary>The limits and times.</summary>
    public WebSocketConnectionOptions Options { get; }

    /// <summary>
    /// Runs work on the one thread that carries this connection, where sending costs least; null where there is no such thread.
    /// </summary>
    internal PipeScheduler? Scheduler => _transport.Scheduler;

    /// <summary>The application's own object for this connection.</summary>
    public object? UserState { get; set; }

    /// <summary>
    /// The peer's user, as the opening handshake was authenticated. Nobody, an identity that isn't authenticated, where the host
    /// knows of none. It stays the same however long the connection lives.
    /// </summary>
    public ClaimsPrincipal User
    {
        get => _identity?.User ?? new ClaimsPrincipal(new ClaimsIdentity());
        set
        {
            // Nothing is kept where there is nobody, which an object for each connection would only say at length.
            if (_identity is not null || value.Claims.Any() || value.Identity is { IsAuthenticated: true })
            {
                TheIdentity.User = value;
            }
        }
    }

    /// <summary>This connection's name in logs, unique within the process.</summary>
    public string Id => TheIdentity.Number.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>
    /// Where the peer's bytes come from. On a server it is the request's, which middleware for forwarded headers may have set. Null where
    /// the host or the system doesn't tell (any more), as for pipes, or over HTTP/2 for a client.
    /// </summary>
    public EndPoint? RemoteEndPoint => _identity is { HasEnds: true } ends ? ends.Remote : _transport.RemoteEndPoint;

    /// <summary>This side's end of the TCP connection; null as for <see cref="RemoteEndPoint"/>.</summary>
    public EndPoint? LocalEndPoint => _identity is { HasEnds: true } ends ? ends.Local : _transport.LocalEndPoint;

    /// <summary>
    /// A token that is cancelled when the connection has ended: nothing can be sent any more, and what came before can still be read. Its
    /// callbacks run on the thread pool.
    /// </summary>
    public CancellationToken ConnectionClosed
    {
        get
        {
            lock (_transport)
            {
                return _closing.State >= ClosingState.Ended
                    ? new CancellationToken(canceled: true)
                    : (TheEnding.Closed ??= new CancellationTokenSource()).Token;
            }
        }
    }

    /// <summary>For a host: the ends that its request knows.</summary>
    internal void SetEndPoints(EndPoint? remote, EndPoint? local)
    {
        Identity identity = TheIdentity;
        (identity.Remote, identity.Local, identity.HasEnds) = (remote, local, true);
    }

    /// <summary>For a host: hears of the connection's end. Set it before <see cref="Start"/>.</summary>
    internal IWebSocketHost? Host { get; set; }

    /// <summary>For a host: where it keeps this connection among its own. The connection doesn't look at it.</summary>
    internal int HostSlot { get; set; } = -1;

    /// <summary>Where the connection stands.</summary>
    public WebSocketState State
    {
        get
        {
            lock (_transport)
            {
                return _closing switch
                {
                    { State: >= ClosingState.Ended } => WebSocketState.Closed,
                    { IsPeerDone: true } => WebSocketState.CloseReceived,
                    { MaySend: true } => WebSocketState.Open,
                    _ => WebSocketState.CloseSent,
                };
            }
        }
    }

    /// <summary>
    /// Completes when the connection is over and its last call to the handler has returned. A reader that has messages left which came
    /// before the end is waited for, as long as it takes the next within <see cref="WebSocketConnectionOptions.CloseTimeout"/>. It never
    /// faults.
    /// </summary>
    public Task Completion
    {
        get
        {
            lock (_transport)
            {
                if (_closing.State == ClosingState.Completed)
                {
                    return Task.CompletedTask;
                }

                TheEnding.Completion ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return TheEnding.Completion.Task;
            }
        }
    }

    /// <summary>Sets a connection going over a duplex pipe.</summary>
    /// <param name="pipe">
    /// Bytes behind the opening handshake. Its reader's memory must be writable, as a pipe's is: frames are unmasked in place. It is
    /// completed at the end.
    /// </param>
    /// <param name="role">This side's role.</param>
    /// <param name="options">Limits and times; null for the defaults.</param>
    /// <param name="handler">Receives the messages; null to read them.</param>
    /// <param name="subprotocol">The subprotocol that the handshake agreed on.</param>
    public static WebSocketConnection FromPipe(
        IDuplexPipe pipe,
        WebSocketRole role,
        WebSocketConnectionOptions? options = null,
        WebSocketHandler? handler = null,
        string? subprotocol = null
    )
    {
        var connection = new WebSocketConnection(new PipeTransport(pipe), role, options, handler, subprotocol);
        connection.Start();
        return connection;
    }

    /// <summary>Sets a connection going over a duplex stream.</summary>
    /// <param name="stream">Bytes behind the opening handshake. It is disposed at the end.</param>
    /// <param name="role">This side's role.</param>
    /// <param name="options">Limits and times; null for the defaults.</param>
    /// <param name="handler">Receives the messages; null to read them.</param>
    /// <param name="subprotocol">The subprotocol that the handshake agreed on.</param>
    public static WebSocketConnection FromStream(
        Stream stream,
        WebSocketRole role,
        WebSocketConnectionOptions? options = null,
        WebSocketHandler? handler = null,
        string? subprotocol = null
    )
    {
        var connection = new WebSocketConnection(new StreamTransport(stream), role, options, handler, subprotocol);
        connection.Start();
        return connection;
    }

    /// <summary>
    /// Closes the connection with 1000 where it is open, and waits for its end, as <see cref="CloseAsync"/> does; no reader
    /// is waited for. Safe to call twice. It never throws.
    /// </summary>
    public ValueTask DisposeAsync() => new(CloseAsync());

    /// <summary>Sets the connection going. Called once, by who made it.</summary>
    internal void Start()
    {
        lock (_transport)
        {
            _started = true;
            _lastReceived = _lastMessage = _timers.Now;
            ScheduleNextCheck(_lastReceived);
        }

        _transport.Start();
    }

    /// <summary>
    /// For a host, before <see cref="Start"/>: calls <see cref="WebSocketHandler.OnOpen"/> now, and holds what is sent until the connection
    /// is started. A server does so before it answers the opening handshake: whoever can read the answer has then been opened. Where the
    /// answer can't be sent, <see cref="Ended"/> follows instead of <see cref="Start"/>.
    /// </summary>
    internal void Open()
    {
        lock (_transport)
        {
            _flushing = true;
            _openedEarly = true;
        }

        CallOnOpen();
    }

    private Identity TheIdentity => _identity ?? Interlocked.CompareExchange(ref _identity, new Identity(), null) ?? _identity;

    // Whose a connection is. A connection that is asked for none of it has none.
    private sealed class Identity
    {
        public long Number { get; } = Interlocked.Increment(ref _named);

        public string? Subprotocol { get; set; }

        public EndPoint? Remote { get; set; }

        public EndPoint? Local { get; set; }

        public bool HasEnds { get; set; } // of the request, where the transport doesn't know them, or knows others

        public ClaimsPrincipal? User { get; set; }
    }
}
