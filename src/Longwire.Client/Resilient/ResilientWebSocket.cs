using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Longwire.Client;

/// <summary>
/// A WebSocket to any server that comes back by itself when its connection is lost, with an outbox for what is sent meanwhile. Thread safe:
/// any number of callers send at once; one reads at a time. <c>docs/protocol/client.md</c> says how it behaves.
/// </summary>
/// <remarks>
/// It is for programs that have sockets, and so not for a browser's. It starts with the first <see cref="ConnectAsync"/>, <see
/// cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> or read. Cancelling a call ends that call's wait and nothing
/// else. Messages that nobody reads hold the server back, as they do on a connection.
/// </remarks>
[UnsupportedOSPlatform("browser")]
public sealed partial class ResilientWebSocket : IAsyncDisposable, ISurroundingsListener
{
    /// <summary>The name of the meter that all clients that stay up count on, a hub's too.</summary>
    public const string MeterName = "Longwire.Client";

    private readonly Uri _address;
    private readonly ResilientWebSocketOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventQueue _events;
    private readonly Lock _gate = new();
    private volatile ClientStateChange _state = new(ClientState.Idle, 0, TimeSpan.Zero, null);
    private Run? _run;
    private bool _isDisposed;

    /// <summary>Makes a client. Nothing is connected yet.</summary>
    /// <param name="address">A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of a WebSocket server.</exception>
    public ResilientWebSocket(string address, ResilientWebSocketOptions? options = null)
        : this(new Uri(address, UriKind.RelativeOrAbsolute), options) { }

    /// <summary>Makes a client. Nothing is connected yet.</summary>
    /// <param name="address">A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of a WebSocket server.</exception>
    public ResilientWebSocket(Uri address, ResilientWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!WebSocketAddress.TryFrom(address, out _))
        {
            throw new ArgumentException("This is no WebSocket address; write it as ws://host/path or wss://host/path.", nameof(address));
        }

        _address = address;
        _options = (options ?? new ResilientWebSocketOptions()) with { };
        _time = _options.TimeProvider;
        _options.Socket = _options.Socket with { Connection = _options.Socket.Connection with { TimeProvider = _time } };
        _logger = _options.LoggerFactory.CreateLogger(ClientLog.Category);
        _events = new EventQueue(exception => ClientLog.HandlerFailed(_logger, exception));
        _outbox = new MessageOutbox(_options.Outbox with { });
    }

    /// <summary>Where the client stands.</summary>
    public ClientState State => _state.State;

    /// <summary>
    /// Tells of each new state. The calls come one after the other, in the order of the states, and never inside of a call to the client.
    /// </summary>
    public event EventHandler<ClientStateChange>? StateChanged;

    /// <summary>Tells of messages that waited in the outbox and will not be sent. Called as <see cref="StateChanged"/> is.</summary>
    public event EventHandler<DiscardedMessages>? Discarded;

    /// <summary>
    /// Starts the client, or starts it again when it was closed, and waits until it is open. Starting what is started changes nothing.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <exception cref="WebSocketClosedException">The client was closed for good before it was open.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return Start(again: true).Opened.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Makes the next attempt at once, when the client waits for it; else does nothing.</summary>
    public void ReconnectNow()
    {
        lock (_gate)
        {
            _run?.Wake();
        }
    }

    /// <summary>
    /// Closes the client for good: sends a Close frame behind what was handed to the connection, and waits for the end. Messages in the
    /// outbox stays there, until <see cref="ConnectAsync"/> starts the client again.
    /// </summary>
    /// <param name="status">Why, as <see cref="WebSocketConnection.CloseAsync"/>.</param>
    /// <param name="reason">In words.</param>
    /// <param name="cancellationToken">Ends the wait; the closing goes on.</param>
    public Task CloseAsync(
        CloseStatus status = CloseStatus.NormalClosure,
        string reason = "",
        CancellationToken cancellationToken = default
    )
    {
        Run? run;
        Link? link;
        lock (_gate)
        {
            run = _run;
            link = _open;
            if (run is null)
            {
                // Never started: the first life ends before it begins.
                _run = run = new Run(_options.Socket.Connection.ReceiveQueueBytes);
                run.End();
                run.Inbox.Complete();
                SetState(ClientState.Closed, reason: ConnectionEnding.ByHand);
            }

            run.Close();
            _outbox.FailWaiters(ConnectionEnding.ByHand.ToException());
        }

        // Behind what was handed to it; it is given the time that WebSocketConnection.CloseAsync gives.
        link?.Connection?.TryClose(status, reason);
        return run.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the client for good with 1000, and discards what waits. Safe to call twice. It never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        await CloseAsync().ConfigureAwait(false);
        lock (_gate)
        {
            Discard(DiscardCause.Disposed);
        }
    }

    /// <summary>
    /// Reads the messages of all connections, one after the other. It ends when the client is closed for good. One reader at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>The messages; the memory of each is valid until the next.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Messages go to <see cref="ResilientWebSocketOptions.OnMessage"/>.</exception>
    public async IAsyncEnumerable<WebSocketMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        MessageInbox inbox = BeginReading();
        do
        {
            while (TryRead(inbox, out WebSocketMessage message))
            {
                yield return message;
            }
        } while (await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads the next message, on whatever connection it comes.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>The message; its memory is valid until the next read.</returns>
    /// <exception cref="WebSocketClosedException">The client is closed for good, and all messages were read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Messages go to <see cref="ResilientWebSocketOptions.OnMessage"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WebSocketMessage> ReadAsync(CancellationToken cancellationToken = default)
    {
        MessageInbox inbox = BeginReading();
        WebSocketMessage message;
        while (!TryRead(inbox, out message))
        {
            if (!await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw (_state.Reason ?? ConnectionEnding.ByHand).ToException();
            }
        }

        return message;
    }

    /// <summary>Whether messages that nobody has read hold the server back, so that it can give no sign of life.</summary>
    internal bool IsHeldBack => _run?.Inbox is { IsPaused: true };

    /// <summary>Starts the client where it was never started.</summary>
    /// <exception cref="WebSocketClosedException">The client is closed for good, or closing.</exception>
    internal void Begin()
    {
        lock (_gate)
        {
            Run run = Start(again: false);
            if (run.IsClosing || run.IsOver)
            {
                throw (_state.Reason ?? ConnectionEnding.ByHand).ToException();
            }
        }
    }

    internal void OnMessage(Link link, WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (Volatile.Read(ref _link) != link)
        {
            return;
        }

        if (_options.OnMessage is { } take)
        {
            try
            {
                take(type, payload);
            }
            catch (Exception exception)
            {
                ClientLog.HandlerFailed(_logger, exception);
            }

            return;
        }

        MessageInbox inbox = _run!.Inbox;
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        if (!inbox.Add(type, buffer, payload.Length))
        {
            connection.PauseReceiving();
            if (!inbox.IsPaused)
            {
                // The reader has caught up in between, and did not see the pause.
                connection.ResumeReceiving();
            }
        }
    }

    private MessageInbox BeginReading()
    {
        if (_options.OnMessage is not null)
        {
            throw new InvalidOperationException("The messages of this client go to OnMessage.");
        }

        lock (_gate)
        {
            return Start(again: false).Inbox;
        }
    }

    private bool TryRead(MessageInbox inbox, out WebSocketMessage message)
    {
        bool read = inbox.TryRead(out message, out _, out bool resume);
        if (resume)
        {
            Volatile.Read(ref _link)?.Connection?.ResumeReceiving();
        }

        return read;
    }

    private void SetState(ClientState state, int attempt = 0, TimeSpan delay = default, ConnectionEnding? reason = null)
    {
        var change = new ClientStateChange(state, attempt, delay, reason);
        _state = change;
        if (StateChanged is not null)
        {
            _events.Add(() => StateChanged?.Invoke(this, change));
        }
    }
}
