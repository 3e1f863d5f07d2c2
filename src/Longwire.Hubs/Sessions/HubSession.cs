using System.Globalization;
using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// One client's identity, across its connections: it outlives a lost connection for the resume window. All that happens to a
/// session is dealt with one thing after the other (see <c>HubSession.Inbox.cs</c>), so that what only that touches needs no lock.
/// The public members are safe from any thread.
/// </summary>
public sealed partial class HubSession : IHubSession
{
    private readonly Hub _hub;
    private readonly MembershipList _memberships = new();
    private OpenAsks? _asks;
    private string? _producer;
    private string? _producerKey;
    private OwnRooms _ownRooms;
    private Account? _account;
    private TokenBucket _bucket;
    private int _rejectedInARow;
    private volatile SessionSecrets _secrets;
    private volatile HubConnection? _connection;
    private volatile HubIdentity? _identity;
    private volatile bool _mayAct;

    internal HubSession(Hub hub, string clientId, byte[] secret)
    {
        _hub = hub;
        _secrets = new SessionSecrets(secret);
        ClientId = clientId;
        if (hub.Settings.RateLimit is { } limit)
        {
            _bucket = new TokenBucket(limit, hub.TimeProvider);
        }
    }

    /// <summary>The session's public id.</summary>
    public string ClientId { get; }

    /// <summary>Who it is; null until authenticated. In a hub that requires no authentication, a guest.</summary>
    public HubIdentity? Identity => _identity;

    /// <summary>Whether the session has a connection now.</summary>
    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>Where the client last connected from, if known.</summary>
    public IPAddress? RemoteAddress { get; private set; }

    /// <summary>Anything the application wants to keep with the session; set to null when the session becomes another user's.</summary>
    public object? UserState { get; set; }

    /// <summary>The names of the rooms the session is in: a snapshot.</summary>
    public IReadOnlyList<string> Rooms
    {
        get
        {
            lock (_gate)
            {
                return [.. _memberships.Snapshot().Select(static membership => membership.Room.Name)];
            }
        }
    }

    /// <summary>Whether the session may do more than authenticate; only such sessions are sent what others say.</summary>
    internal bool MayAct => _mayAct;

    /// <summary>
    /// Sends a JSON object in UTF-8 to the client. False when the session has no connection, or when the connection could not take it: a
    /// client that does not keep up is closed with 4008.
    /// </summary>
    /// <param name="utf8Json">The message, an object with a string <c>type</c>; it is copied.</param>
    /// <exception cref="ArgumentException">It is no such object.</exception>
    public bool TrySend(ReadOnlySpan<byte> utf8Json)
    {
        _hub.ThrowIfNoMessage(utf8Json);
        return Send(utf8Json);
    }

    /// <inheritdoc/>
    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        Deliver(RoomEventJson.Frame(new PassingEvent("", Application.Draft(message))));
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<TReply> AskAsync<TReply>(object question, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Asks.AskAsync<TReply>(Application, question, timeout ?? OpenAsks.DefaultTimeout, cancellationToken);

    /// <summary>Takes <c>reply</c>, which may come while the session is busy with what asked. False when it answers nothing.</summary>
    internal bool TryAnswer(ReadOnlySpan<byte> payload) => _asks is { HasOpen: true } asks && asks.TryAnswer(payload);

    /// <summary>
    /// Closes the session's connection with 4002 "Kicked" and ends the session: it can't be resumed. Nothing that the client sent and
    /// that has not been dealt with yet counts.
    /// </summary>
    public void Kick()
    {
        if (!Interlocked.Exchange(ref _kicked, true))
        {
            CloseConnection(HubCloseStatus.Kicked, "Kicked");
            Post(new SessionEvent(SessionEventKind.Kick));
        }
    }

    internal bool Send(ReadOnlySpan<byte> json)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        try
        {
            if (connection.TrySend(json))
            {
                _hub.Metrics.MessagesSent(1);
                return true;
            }
        }
        catch (Exception exception)
        {
            GiveUp(connection, exception);
            return false;
        }

        CloseTooSlow(connection);
        return false;
    }

    /// <summary>Sends a message framed once for many that is about no room. The caller counts it.</summary>
    internal bool Deliver(PreparedMessage message) =>
        _connection is { } connection && TrySend(connection, message, isLossy: false, default);

    /// <summary>The same, as the options say. One that may be dropped closes nothing.</summary>
    internal bool Deliver(PreparedMessage message, in SendOptions options) =>
        _connection is { } connection && TrySend(connection, message, options.WhenFull is SendQueueFullMode.DropOldest, options);

    /// <summary>Tells what happened in a room, on the connection that joined it.</summary>
    internal bool Deliver(HubConnection connection, RoomEvent told, SlowConsumerPolicy policy)
    {
        if (connection != _connection || !_mayAct)
        {
            return false;
        }

        bool isLossy = told.IsPassing;
        SendOptions options = default;
        if (policy != SlowConsumerPolicy.Disconnect && told is PublicationEvent)
        {
            isLossy = true;
            options = new SendOptions
            {
                WhenFull = SendQueueFullMode.DropOldest,
                ReplaceKey = policy == SlowConsumerPolicy.KeepLatest ? told.ReplaceKey : null,
            };
        }

        return TrySend(connection, told.FrameBy(RoomEventJson.Frame), isLossy, options);
    }

    internal void CloseTooSlow(HubConnection connection)
    {
        if (connection.IsOpen)
        {
            _hub.Log.TooSlow(ClientId);
            _hub.Metrics.SlowConsumerClosed();
            TryClose(connection, HubCloseStatus.TooSlow, "Too slow");
        }
    }

    /// <summary>Starts the closing handshake of the session's connection, if it has one.</summary>
    internal void CloseConnection(CloseStatus status, string reason) => TryClose(_connection, status, reason);

    internal bool TryTakeToken(out TimeSpan retryAfter, out int rejectedInARow)
    {
        retryAfter = TimeSpan.Zero;
        bool ofUser = _account is { Key.IsUser: true };
        bool taken =
            (ofUser || _hub.Settings.RateLimit is null || _bucket.TryTake(_hub.TimeProvider, out retryAfter))
            && (_account is null || _account.TryTakeToken(out retryAfter));
        _rejectedInARow = rejectedInARow = taken ? 0 : _rejectedInARow + 1;
        return taken;
    }

    /// <summary>Whether the session can be resumed by the secret given, now.</summary>
    internal bool HasSecret(ReadOnlySpan<byte> secret) => _secrets.Include(secret, _hub.Clock.Now);

    /// <summary>The source of the session's request ids, if the client has named one.</summary>
    internal string? Producer
    {
        get => _producer;
        set => (_producer, _producerKey) = (value, null);
    }

    /// <summary>
    /// By what a request of the session is recognised when it is sent again: for its user and producer. A guest is another user on each
    /// session, so of a guest only the producer counts, if there is one.
    /// </summary>
    internal IdempotencyKey KeyOf(string type, string id)
    {
        if (_producerKey is not { } producer)
        {
            string user = _producer is not null && _identity!.UserId == ClientId ? "" : _identity!.UserId;
            _producerKey = producer = string.Create(CultureInfo.InvariantCulture, $"{user.Length}:{user}{_producer ?? ClientId}");
        }

        return new IdempotencyKey(producer, string.Concat(type, "\n", id));
    }

    /// <summary>The session's membership of a room, by the name that its client knows.</summary>
    internal Membership? FindMembership(string room) =>
        room is RoomNames.Me or RoomNames.All ? _ownRooms.Find(_hub, room) : _memberships.Find(room);

    /// <summary>The way to tell the session what happens in a room, on its present connection; null when it has none.</summary>
    internal Receiver? Listen(Membership membership) =>
        _connection is { } connection ? membership.Receiver ??= new Receiver(connection) : null;

    /// <summary>The session stays a member, but is told nothing until its client asks to join again.</summary>
    internal Task SuspendAsync(Membership membership)
    {
        if (membership.Receiver is not { } receiver)
        {
            return Task.CompletedTask;
        }

        membership.Receiver = null;
        return membership.Room.RemoveAsync(receiver);
    }

    /// <summary>From here on the client is told what is said to everyone and to its user.</summary>
    private async ValueTask FollowOwnRoomsAsync()
    {
        if (_connection is not { } connection || !_mayAct)
        {
            return;
        }

        _ownRooms.FollowEveryone(_hub, connection);
        Room? me = null;
        if (!_ownRooms.HasMe)
        {
            (me, _) = await _hub.Rooms.EnterAsync(RoomNames.OfUser(_identity!.UserId), _hub.Settings.OwnRooms).ConfigureAwait(false);
        }

        _ownRooms.FollowMe(connection, me);
    }

    private ValueTask LeaveOwnRoomAsync() => _ownRooms.Leave() is { } me ? _hub.Rooms.ExitAsync(me) : default;

    /// <summary>The memberships last, but nothing is delivered until the client asks to join again.</summary>
    private void SuspendMemberships()
    {
        foreach (Membership membership in _memberships.Snapshot())
        {
            _ = SuspendAsync(membership);
        }

        _ownRooms.Suspend(_hub);
    }

    /// <summary>The one membership in a room that handles messages of a type; null where there is none or more than one.</summary>
    internal Membership? FindOnlyMembership(string type)
    {
        Membership? found = null;
        foreach (Membership membership in _memberships.Snapshot())
        {
            if (membership.Room.Settings.Endpoint?.FindHandler(type) is not null)
            {
                if (found is not null)
                {
                    return null;
                }

                found = membership;
            }
        }

        return found;
    }

    /// <summary>Counts one more room, unless the session or its user is in too many.</summary>
    internal bool TryEnterRoom() => _memberships.Count < _hub.Settings.MaxRoomsPerSession && (_account is null || _account.TryEnterRoom());

    /// <summary>Counts out a room that was not entered after all.</summary>
    internal void LeaveRoom() => _account?.LeaveRoom();

    /// <summary>How many messages wait for an earlier one.</summary>
    internal int WaitingMessages => Volatile.Read(ref _waitingMessages);

    internal void AddMembership(Membership membership)
    {
        lock (_gate)
        {
            _memberships.Add(membership);
        }
    }

    internal void RemoveMembership(Membership membership)
    {
        lock (_gate)
        {
            _memberships.Remove(membership);
        }

        LeaveRoom();
    }

    private HubApplication Application =>
        _hub.Application ?? throw new InvalidOperationException("The hub has no services. Write builder.Services.AddLongwireHub().");

    private OpenAsks Asks => _asks ?? Interlocked.CompareExchange(ref _asks, new OpenAsks(this), null) ?? _asks;

    /// <summary>Opens the account of an identity, or of the address where that is nobody's or a guest's; there may be neither.</summary>
    private bool TryOpenAccount(HubIdentity? identity, out Account? account)
    {
        account = null;
        if (identity is not null && identity.UserId != ClientId)
        {
            account = _hub.Accounts.Open(AccountKey.OfUser(identity.UserId));
        }
        else if (RemoteAddress is { } address)
        {
            account = _hub.Accounts.Open(AccountKey.OfAddress(address));
        }

        if (account is null || account.TryMove(SessionState.New, _state))
        {
            return true;
        }

        _hub.Accounts.Close(account);
        account = null;
        return false;
    }

    private void CloseAccount()
    {
        if (_account is { } account)
        {
            account.TryMove(_state, SessionState.New);
            _hub.Accounts.Close(account);
        }
    }

    private bool TrySend(HubConnection connection, PreparedMessage message, bool isLossy, in SendOptions options)
    {
        try
        {
            if (connection.TrySend(message, options))
            {
                return true;
            }
        }
        catch (Exception exception)
        {
            // The others in the room, and whoever speaks there, must not suffer from one member's connection.
            GiveUp(connection, exception);
            return false;
        }

        if (!isLossy)
        {
            CloseTooSlow(connection);
        }

        return false;
    }

    /// <summary>A send that throws instead of refusing is a fault of ours: the connection is given up.</summary>
    private void GiveUp(HubConnection connection, Exception exception)
    {
        _hub.Log.SendFailed(exception, ClientId);
        TryClose(connection, CloseStatus.InternalError, "Internal error");
    }

    /// <summary>Starts the closing handshake; never throws, since all that closes has more to do behind it.</summary>
    private void TryClose(HubConnection? connection, CloseStatus status, string reason)
    {
        try
        {
            connection?.Close(status, reason);
        }
        catch (Exception exception)
        {
            _hub.Log.CloseFailed(exception, ClientId);
        }
    }
}
