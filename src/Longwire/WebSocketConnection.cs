using System.Diagnostics;
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
    // One for all connections that are made without any, which can't change it.
    private static readonly WebSocketConnectionOptions _defaults = new();

    // The parts of a connection, under the send lock. They are structs inside of it, so they cost neither memory nor a call.
    internal SendHalf Sending;
    internal ClosingHalf Closing;
    internal Liveness Liveness = new();
    internal Progress Progress;

    private readonly WebSocketTransport _transport;
    private readonly WebSocketHandler? _handler;
    private ConnectionIdentity? _identity;
    private ConnectionEnding? _ending;

    /// <summary>Makes a connection over a transport. <see cref="Start"/> sets it going.</summary>
    /// <param name="transport">The transport of the bytes that follow the opening handshake.</param>
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
        _handler = handler;
        Options = options ?? _defaults;
        Options.MakeReadOnly();
        _transport = transport;
        if (Options.FrameObserver is { } observer)
        {
            _transport = new ObservedTransport(transport, this, observer);
            _receiveMode = ReceiveMode.Observed;
        }

        if (subprotocol is not null)
        {
            TheIdentity.Subprotocol = subprotocol;
        }

        _receiver = new MessageReceiver(
            role,
            handler is null || Options.MaxStreamedMessageBytes == 0 ? Options.Limits : Options.Limits with { MaxStreamedMessageBytes = 0 },
            deflate
        );
        Timers = transport.Timers ?? TimerWheel.For(Options.TimeProvider);
        if (handler is null)
        {
            Inbox = new MessageInbox(Options.ReceiveQueueBytes);
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
    public EndPoint? RemoteEndPoint => _identity is { Ends: { } ends } ? ends.Remote : _transport.RemoteEndPoint;

    /// <summary>This side's end of the TCP connection; null as for <see cref="RemoteEndPoint"/>.</summary>
    public EndPoint? LocalEndPoint => _identity is { Ends: { } ends } ? ends.Local : _transport.LocalEndPoint;

    /// <summary>
    /// A token that is cancelled when the connection has ended: nothing can be sent any more, and what came before can still be read. Its
    /// callbacks run on the thread pool.
    /// </summary>
    public CancellationToken ConnectionClosed
    {
        get
        {
            using (EnterSendLock())
            {
                return Closing.State >= ClosingState.Ended
                    ? new CancellationToken(canceled: true)
                    : (RequireEnding().Closed ??= new CancellationTokenSource()).Token;
            }
        }
    }

    /// <summary>For a host: the ends that its request knows.</summary>
    internal void SetEndPoints(EndPoint? remote, EndPoint? local) => TheIdentity.Ends = (remote, local);

    /// <summary>For a host: hears of the connection's end. Set it before <see cref="Start"/>.</summary>
    internal IWebSocketHost? Host { get; set; }

    /// <summary>For a host: where it keeps this connection among its own. The connection doesn't look at it.</summary>
    internal int HostSlot { get; set; } = -1;

    /// <summary>
    /// How the connection closed: the peer's status, or this side's when it failed the connection for the peer's fault,
    /// or <see cref="CloseStatus.Abnormal"/> when TCP ended without the peer's Close. Null while nothing of that has happened.
    /// </summary>
    public CloseStatus? CloseStatus => Closing.Status;

    /// <summary>The reason that belongs to <see cref="CloseStatus"/>; empty when there is none.</summary>
    public string CloseReason => _ending?.Record.Reason ?? "";

    /// <summary>Why this side ended the connection at once; <see cref="ConnectionAbortCause.None"/> when it didn't.</summary>
    public ConnectionAbortCause AbortCause => _ending?.AbortCause ?? ConnectionAbortCause.None;

    /// <summary>The transport's error when it did not end in good order; else null.</summary>
    public Exception? Error => _ending?.Error;

    /// <summary>The exception that a call to the handler threw; the connection then ended with 1011. Else null.</summary>
    public Exception? HandlerError => _ending?.HandlerError;

    /// <summary>The newest measured time from a ping to its pong; null when none was measured yet.</summary>
    public TimeSpan? RoundTripTime => Liveness.RoundTripTime;

    /// <summary>Where the connection stands.</summary>
    public WebSocketPhase State
    {
        get
        {
            using (EnterSendLock())
            {
                return Closing switch
                {
                    { State: >= ClosingState.Ended } => WebSocketPhase.Closed,
                    { IsPeerDone: true } => WebSocketPhase.CloseReceived,
                    { MaySend: true } => WebSocketPhase.Open,
                    _ => WebSocketPhase.CloseSent,
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
            using (EnterSendLock())
            {
                if (Closing.State == ClosingState.Completed)
                {
                    return Task.CompletedTask;
                }

                TaskCompletionSource completion = RequireEnding().Completion ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                return completion.Task;
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
    /// Closes the connection: sends a Close frame behind what is queued (a message that is still open, and what waits behind it, is cut
    /// off), and waits for the connection's end. Earlier messages are given all the time that it takes at
    /// <see cref="WebSocketConnectionOptions.MinDataRateBytesPerSecond"/>; from when the Close has left, the peer has
    /// <see cref="WebSocketConnectionOptions.CloseTimeout"/> to answer it. Safe to call twice, from several threads, and when the peer is
    /// gone.
    /// </summary>
    /// <param name="status">Why; the first call decides. <see cref="CloseStatus.NoStatus"/> sends an empty Close frame.</param>
    /// <param name="reason">In words; what exceeds 123 bytes of UTF-8 is cut.</param>
    /// <param name="cancellationToken">Ends this wait; the closing goes on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be on the wire.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Task CloseAsync(
        CloseStatus status = Longwire.CloseStatus.NormalClosure,
        string reason = "",
        CancellationToken cancellationToken = default
    )
    {
        TryClose(status, reason);
        return Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Begins to close the connection, as <see cref="CloseAsync"/> does, without waiting. Thread safe.</summary>
    /// <param name="status">Why. <see cref="CloseStatus.NoStatus"/> sends an empty Close frame.</param>
    /// <param name="reason">In words; what exceeds 123 bytes of UTF-8 is cut.</param>
    /// <returns>False when it was closing already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be on the wire.</exception>
    public bool TryClose(CloseStatus status, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (status != Longwire.CloseStatus.NoStatus && !CloseStatusRules.IsAllowedOnWire(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "A Close frame carries 1000–1003, 1007–1014 or 3000–4999.");
        }

        return ConnectionCloser.Close(this, status, reason);
    }

    /// <summary>
    /// Ends the connection at once, without a Close frame: what waits to be sent is dropped, and no message is received
    /// any more. Thread safe; safe to call twice.
    /// </summary>
    public void Abort() => ConnectionCloser.Abort(this, ConnectionAbortCause.Application);

    /// <summary>
    /// Closes the connection with 1000 where it is open, and waits for its end, as <see cref="CloseAsync"/> does; no reader
    /// is waited for. Safe to call twice. It never throws.
    /// </summary>
    public ValueTask DisposeAsync() => new(CloseAsync());

    /// <summary>Sets the connection going. Called once, by who made it.</summary>
    internal void Start()
    {
        using (EnterSendLock())
        {
            IsStarted = true;
            long now = Timers.Now;
            Liveness.Start(now);
            ConnectionTimer.Schedule(this, now);
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
        using (EnterSendLock())
        {
            Sending.Hold();
        }

        CallOnOpen();
    }

    internal WebSocketTransport Transport => _transport;

    internal MessageInbox? Inbox { get; }

    internal TimerWheel Timers { get; }

    internal short TimerSlot { get; set; } = -1;

    internal WebSocketConnection? TimerNext { get; set; }

    internal WebSocketConnection? TimerPrevious { get; set; }

    internal bool IsStarted { get; private set; }

    /// <summary>The data about the end; null before that comes near.</summary>
    internal ConnectionEnding? Ending => _ending;

    /// <summary>The same, made at most once, by whichever thread comes first.</summary>
    internal ConnectionEnding RequireEnding() =>
        _ending ?? Interlocked.CompareExchange(ref _ending, new ConnectionEnding(), null) ?? _ending;

    /// <summary>Enters the send lock, which guards the parts of this connection; to be disposed of.</summary>
    internal SendLock EnterSendLock() => new(this);

    /// <summary>The invariant that doesn't hold as the send lock is left. Compiled only where assertions are.</summary>
    [Conditional("DEBUG")]
    internal void FindBrokenInvariant(ref string? broken) =>
        broken =
            Sending.FindBrokenInvariant(Closing.MaySend)
            ?? (
                _ending is not null ? Closing.FindBrokenInvariant(_ending.Record)
                : Closing.State != ClosingState.Open ? "What ends has a record"
                : null
            );

    private ConnectionIdentity TheIdentity =>
        _identity ?? Interlocked.CompareExchange(ref _identity, new ConnectionIdentity(), null) ?? _identity;
}
