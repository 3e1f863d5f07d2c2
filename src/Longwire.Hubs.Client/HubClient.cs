using System.Buffers.Text;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Client;

/// <summary>
/// A client of a Longwire hub that stays up: it comes back by itself, continues its session, recovers its rooms, and publishes each message
/// once. Thread safe. <c>docs/protocol/client.md</c> says how it behaves.
/// </summary>
/// <remarks>
/// It starts with <see cref="ConnectAsync"/>, or when a room is first joined or published to. It is for programs that have sockets, and so
/// not for a browser's.
/// </remarks>
[UnsupportedOSPlatform("browser")]
public sealed partial class HubClient : IAsyncDisposable
{
    // Names that are kept so that messages of the same users need no new text.
    private const int MaxNames = 1_024;

    private readonly ResilientWebSocket _socket;
    private readonly Questions _questions;
    private readonly string _producer;
    private readonly string _idPrefix = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(6));
    private readonly RoomDirectory _rooms;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly EventQueue _events;
    private readonly ILogger _logger;
    private long _lastId;
    private bool _isDisposed;

    /// <summary>Makes a client. Nothing is connected yet.</summary>
    /// <param name="address">The hub's <c>ws</c>, <c>wss</c>, <c>http</c> or <c>https</c> address.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of a WebSocket server, or the options are wrong.</exception>
    /// <exception cref="IOException">The outbox's file can't be opened, or another process has it.</exception>
    /// <exception cref="InvalidDataException">The outbox's file is no outbox.</exception>
    public HubClient(string address, HubClientOptions? options = null)
        : this(new Uri(address, UriKind.RelativeOrAbsolute), options) { }

    /// <inheritdoc cref="HubClient(string, HubClientOptions?)"/>
    public HubClient(Uri address, HubClientOptions? options = null)
    {
        Options = (options ?? new HubClientOptions()) with { };
        if (Options.OutboxLimits.WhenFull == OutboxFullMode.DropOldest)
        {
            throw new ArgumentException("A publication is never dropped silently: choose Wait or Fail for a full outbox.", nameof(options));
        }

        _events = new EventQueue(HandlerFailed);
        _questions = new Questions(Reply, HandlerFailed);
        _rooms = new RoomDirectory(this);
        Json = ClientJson.For(Options.Json);
        Options.Socket = Options.Socket with { MaxRedirects = 0 };
        _logger = Options.LoggerFactory.CreateLogger(ClientLog.Category);
        _address = address;
        _socket = new ResilientWebSocket(
            address,
            new ResilientWebSocketOptions
            {
                Socket = Options.Socket,
                Reconnect = Options.Reconnect,
                Advise = Options.Advise,
                Connect = Options.Connect,
                TimeProvider = Options.TimeProvider,
                LoggerFactory = Options.LoggerFactory,
                Random = Options.Random,
                Request = RequestAsync,
                OnOpen = GreetAsync,
                OnMessage = OnMessage,
                OnLost = OnLost,
                OnClosed = OnClosed,
            }
        );
        _socket.StateChanged += (_, change) => StateChanged?.Invoke(this, change);
        OutboxJournal journal = Options.Outbox.Open();
        if (journal.DamagedBytes > 0)
        {
            HubClientLog.OutboxDamaged(_logger, journal.DamagedBytes);
        }

        _producer = journal.Producer;
        Publisher = new Publisher(
            Options,
            Gate,
            new OutboxQueue(journal, Options.MaxUnderWay, Options.TimeProvider),
            _logger,
            _rooms.IsReady,
            undelivered => _events.Add(() => Undelivered?.Invoke(this, undelivered))
        );
    }

    /// <summary>Where the client stands. It is open when the hub has taken it in.</summary>
    public ClientState State => _socket.State;

    /// <summary>
    /// Tells of each new state. The calls come one after the other, in the order of the states, and never inside of a call to the client.
    /// </summary>
    public event EventHandler<ClientStateChange>? StateChanged;

    /// <summary>
    /// Tells of publications that were refused, or given up as uncertain, also those of a process before this one. Called as
    /// <see cref="StateChanged"/> is.
    /// </summary>
    public event EventHandler<UndeliveredPublication>? Undelivered;

    /// <summary>The session's public id; null before the first connection.</summary>
    public string? ClientId { get; private set; }

    /// <summary>The user's id; null before the first connection.</summary>
    public string? UserId { get; private set; }

    /// <summary>The user's name; null before the first connection.</summary>
    public string? Username { get; private set; }

    /// <summary>How many publications are in the outbox.</summary>
    public int WaitingPublications
    {
        get
        {
            lock (Gate)
            {
                return Publisher.Count;
            }
        }
    }

    /// <summary>The messages for this user alone: notifications, and direct messages.</summary>
    public HubClientRoom Me => Room("$me");

    /// <summary>The messages for everyone.</summary>
    public HubClientRoom Everyone => Room("$all");

    internal Lock Gate { get; } = new();

    internal ClientJson Json { get; }

    internal HubClientOptions Options { get; }

    internal Publisher Publisher { get; }

    /// <summary>A room. It is not joined by that.</summary>
    /// <param name="name">The room's name, in Unicode's Normalization Form C as the hub has it.</param>
    public HubClientRoom Room(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _rooms.Room(name);
    }

    /// <summary>Starts the client, or starts it again when it was closed, and waits until it is open.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <exception cref="WebSocketClosedException">The client was closed for good before it was open.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => _socket.ConnectAsync(cancellationToken);

    /// <summary>Makes the next attempt at once, when the client waits for it; else does nothing.</summary>
    public void ReconnectNow() => _socket.ReconnectNow();

    /// <summary>
    /// Says goodbye: the session is over, and so is its membership of rooms. Messages in the outbox stay there, until <see
    /// cref="ConnectAsync"/> starts the client again, or another process opens the file.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the closing goes on.</param>
    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        lock (Gate)
        {
            Publisher.FailWaiters(ConnectionEnding.ByHand.ToException());
        }

        return _socket.CloseAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Closes the client for good, and the outbox's file. Safe to call twice. It never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await _socket.DisposeAsync().ConfigureAwait(false);
        lock (Gate)
        {
            _isDisposed = true;
            Publisher.Dispose();
            _renewTimer?.Dispose();
        }
    }

    internal void HandlerFailed(Exception exception) => ClientLog.HandlerFailed(_logger, exception);

    internal void Raise(Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception exception)
        {
            HandlerFailed(exception);
        }
    }

    /// <summary>A user's id or name as text, the same object for the same text.</summary>
    internal string? Name(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 0)
        {
            return null;
        }

        if (utf8.Length > 256)
        {
            return HubFrame.Text(utf8);
        }

        Span<char> buffer = stackalloc char[256];
        ReadOnlySpan<char> name = buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (names.TryGetValue(name, out string? known))
        {
            return known;
        }

        if (_names.Count == MaxNames)
        {
            _names.Clear();
        }

        string added = name.ToString();
        _names.Add(added);
        return added;
    }

    /// <summary>An id that is unique as long as the producer is.</summary>
    internal string NewId() => string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}-{Interlocked.Increment(ref _lastId):x}");

    internal Task<RoomJoined> Join(HubClientRoom room, JoinOptions? options)
    {
        _socket.Begin();
        return _rooms.Join(room, options);
    }

    internal Task LeaveAsync(HubClientRoom room, CancellationToken cancellationToken) => _rooms.LeaveAsync(room, cancellationToken);

    internal void Read(HubClientRoom room, MessageSink reader, int history)
    {
        _socket.Begin();
        _rooms.Read(room, reader, history);
    }

    internal void CatchUp(HubClientRoom room) => _rooms.CatchUp(room);

    internal void HandHistory(HubClientRoom room, MessageSink reader, in HubFrame frame)
    {
        var sender = new RoomSender(Name(frame.UserId), Name(frame.Username));
        room.Hand(reader, frame, sender, frame.Position, followsReset: false);
    }

    // On the thread that receives.
    private void OnMessage(MessageType type, ReadOnlySpan<byte> payload)
    {
        if (type != MessageType.Text || !HubFrame.TryRead(payload, out HubFrame frame))
        {
            return;
        }

        switch (frame.Kind)
        {
            case HubFrameKind.Connected:
                OnConnected(frame);
                break;
            case HubFrameKind.AuthSuccess:
                OnAuthenticated(frame);
                break;
            case HubFrameKind.JoinedRoom:
                _rooms.OnJoined(frame);
                break;
            case HubFrameKind.Ack:
                OnAck(frame);
                break;
            case HubFrameKind.Error:
                OnError(frame);
                break;
            case HubFrameKind.Answer:
            case HubFrameKind.LeftRoom when frame.Id.Length > 0:
                Answer(frame);
                break;
            case HubFrameKind.LeftRoom when _rooms.Find(frame.Room) is { } left:
                _rooms.OnLeft(left, HubFrame.Text(frame.Reason));
                break;
            case HubFrameKind.RoomReset when _rooms.Find(frame.Room) is { } room:
                _rooms.OnReset(room, frame);
                break;
            case HubFrameKind.Presence when _rooms.Find(frame.Room) is { } room:
                room.TakePresence(frame);
                break;
            case HubFrameKind.Read when _rooms.Find(frame.Room) is { } room:
                room.TakeRead(frame.Offset, frame.Unread);
                break;
            case HubFrameKind.Drain:
                _socket.ComeBackAfter(TimeSpan.FromMilliseconds(frame.ReconnectAfterMs));
                break;
            case HubFrameKind.Ask:
                _questions.Take(HubFrame.Text(frame.Id), HubFrame.Text(frame.Method), frame.Content);
                break;
            case HubFrameKind.Members:
                OnMembersChanged(frame);
                break;
            case HubFrameKind.RoomMessage:
                RoomOf(frame)?.Deliver(frame);
                break;
        }
    }

    private HubClientRoom? RoomOf(in HubFrame frame)
    {
        if (frame.Room.Length > 0)
        {
            return _rooms.Find(frame.Room);
        }

        // A message for a user, or for everyone, names no room: its epoch tells which it is.
        HubClientRoom? everyone = _rooms.Find("$all"u8);
        return everyone is { Position.Epoch: { } epoch } && Ascii.Equals(frame.Epoch, epoch) ? everyone
            : frame.Type.SequenceEqual("chat"u8) ? everyone
            : _rooms.Find("$me"u8);
    }

    private void OnMembersChanged(in HubFrame frame)
    {
        if (frame.Room.Length > 0 && _rooms.Find(frame.Room) is { } room)
        {
            room.RaiseMembersChanged(
                new RoomMembersChange(
                    Name(frame.UserId) ?? "",
                    Name(frame.Username) ?? "",
                    frame.Type.SequenceEqual("user-joined"u8),
                    (int)frame.Members
                )
            );
        }
    }
}
