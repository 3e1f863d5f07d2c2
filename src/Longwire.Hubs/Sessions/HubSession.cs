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
    private MembershipList _memberships;
    private SessionExtras? _extras;

    // What is counted where the session has a user, and what is counted else; and the user of a guest is one beside the address's.
    private Account? _account;
    private Account? _user;
    private Receiver? _hearingMe;
    private TokenBucket _bucket;
    private SessionSecrets _secrets;
    private uint _shortAddress;
    private int _rejectedInARow;
    private volatile HubLink? _connection;
    private volatile HubIdentity? _identity;
    private volatile bool _mayAct;

    internal HubSession(Hub hub, string clientId)
    {
        _hub = hub;
        ClientId = clientId;
    }

    /// <summary>The session's public id.</summary>
    public string ClientId { get; }

    /// <summary>Who it is; null until authenticated. In a hub that requires no authentication, a guest.</summary>
    public HubIdentity? Identity => _identity;

    /// <summary>Whether the session has a connection now.</summary>
    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>Where the client last connected from, if known.</summary>
    public IPAddress? RemoteAddress
    {
        get => _shortAddress != 0 ? new IPAddress(_shortAddress) : _extras?.LongAddress;
        private set
        {
            IPAddress? address = value is { IsIPv4MappedToIPv6: true } ? value.MapToIPv4() : value;
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            _shortAddress = address?.TryWriteBytes(bytes, out _) == true ? BitConverter.ToUInt32(bytes) : 0;
            if (_shortAddress == 0 && address is not null)
            {
                Extras.LongAddress = address;
            }
        }
    }

    /// <summary>Anything the application wants to keep with the session; set to null when the session becomes another user's.</summary>
    public object? UserState
    {
        get => _extras?.UserState;
        set
        {
            if (value is not null || _extras is not null)
            {
                Extras.UserState = value;
            }
        }
    }

    /// <summary>The names of the rooms the session is in: a snapshot.</summary>
    public IReadOnlyList<string> Rooms => [.. _memberships.ToArray().Select(static membership => membership.Room.Name)];

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
        Extras.AsksOf(this).AskAsync<TReply>(Application, question, timeout ?? OpenAsks.DefaultTimeout, cancellationToken);

    /// <summary>Takes <c>reply</c>, which may come while the session is busy with what asked. False when it answers nothing.</summary>
    internal bool TryAnswer(ReadOnlySpan<byte> payload) => _extras?.Asks is { HasOpen: true } asks && asks.TryAnswer(payload);

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
    internal bool Deliver(HubLink connection, RoomEvent told, SlowConsumerPolicy policy)
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

    internal void CloseTooSlow(HubLink connection)
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
        TimeSpan now = _hub.Clock.Now;
        bool ofUser = _account is { Key.IsUser: true };
        bool taken =
            (ofUser || _hub.Settings.RateLimit is not { } limit || _bucket.TryTake(limit, now, out retryAfter))
            && (_account is null || _account.TryTakeToken(now, out retryAfter));
        _rejectedInARow = rejectedInARow = taken ? 0 : _rejectedInARow + 1;
        return taken;
    }

    /// <summary>Whether the session can be resumed by the secret given, now.</summary>
    internal bool HasSecret(ReadOnlySpan<byte> secret)
    {
        SessionSecrets secrets;
        using (_gate.Enter())
        {
            secrets = _secrets;
        }

        return secrets.Include(secret, _hub.Clock.Now);
    }

    /// <summary>The source of the session's request ids, if the client has named one.</summary>
    internal string? Producer
    {
        get => _extras?.Producer;
        set
        {
            if (value is not null || _extras is not null)
            {
                (Extras.Producer, Extras.ProducerKey) = (value, null);
            }
        }
    }

    /// <summary>
    /// By what a request of the session is recognised when it is sent again: for its user and producer. A guest is another user on each
    /// session, so of a guest only the producer counts, if there is one.
    /// </summary>
    internal IdempotencyKey KeyOf(string type, string id)
    {
        if (Extras.ProducerKey is not { } producer)
        {
            string user = Producer is not null && _identity!.UserId == ClientId ? "" : _identity!.UserId;
            Extras.ProducerKey = producer = string.Create(CultureInfo.InvariantCulture, $"{user.Length}:{user}{Producer ?? ClientId}");
        }

        return new IdempotencyKey(producer, string.Concat(type, "\n", id));
    }

    /// <summary>The session's membership of a room, by the name that its client knows.</summary>
    internal Membership? FindMembership(string room) =>
        room switch
        {
            RoomNames.All => new Membership(_hub.Everyone, presence: null)
            {
                Receiver = _connection is { IsHearingAll: true } link ? link : null,
            },
            RoomNames.Me => _user?.Me is { } me ? new Membership(me, presence: null) { Receiver = _hearingMe } : null,
            _ => _memberships.Find(room),
        };

    /// <summary>The way to tell the session what happens in a room, on its present connection; null when it has none.</summary>
    internal Receiver? Listen(Membership membership) => _connection is { } link ? membership.Receiver ??= new LinkReceiver(link) : null;

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

    /// <summary>The name of the room of the session's user.</summary>
    internal string OwnRoomName => RoomNames.OfUser(_identity!.UserId);

    /// <summary>Opens the room of the session's user, if it is not open yet: what is said to a user first is what else opens it.</summary>
    internal ValueTask OpenOwnRoomAsync() =>
        _user?.Open(_hub.Rooms, before: null) is { } opened ? new ValueTask(_hub.Rooms.SubscribeOwnAsync(opened)) : default;

    /// <summary>The user's own room is open, and the session hears it if it may. Called under the account's lock.</summary>
    internal void HearMe(Room me)
    {
        if (_hearingMe is null && _connection is { } link && _mayAct)
        {
            me.Follow(_hearingMe = new LinkReceiver(link));
        }
    }

    /// <summary>The session hears its user's own room no more. Called under the account's lock.</summary>
    internal void StopHearingMe(Room? me)
    {
        if (_hearingMe is { } hearing)
        {
            _hearingMe = null;
            me!.Unfollow(hearing);
        }
    }

    /// <summary>From here on the client is told what is said to everyone and to its user.</summary>
    private ValueTask FollowOwnRoomsAsync()
    {
        if (_connection is not { } link || !_mayAct)
        {
            return default;
        }

        if (!link.IsHearingAll)
        {
            link.IsHearingAll = true;
            _hub.Everyone.Follow(link);
            _hub.Everyone.Run();
        }

        _user!.Follow(this);
        return _hub.TellsOfUsers ? default : OpenOwnRoomAsync();
    }

    /// <summary>The memberships last, but nothing is delivered until the client asks to join again.</summary>
    private void SuspendMemberships(HubLink link)
    {
        foreach (Membership membership in _memberships.ToArray())
        {
            _ = SuspendAsync(membership);
        }

        _user?.Suspend(this);
        if (link.IsHearingAll)
        {
            link.IsHearingAll = false;
            _ = _hub.Everyone.RemoveAsync(link);
        }
    }

    /// <summary>The one membership in a room that handles messages of a type; null where there is none or more than one.</summary>
    internal Membership? FindOnlyMembership(string type)
    {
        Membership? found = null;
        for (int index = 0; index < _memberships.Count; index++)
        {
            Membership membership = _memberships[index];
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
    internal int WaitingMessages => Volatile.Read(ref _waiting)?.Messages ?? 0;

    internal void AddMembership(Membership membership) => _memberships.Add(membership);

    internal void RemoveMembership(Membership membership)
    {
        _memberships.Remove(membership);
        LeaveRoom();
    }

    private HubApplication Application =>
        _hub.Application ?? throw new InvalidOperationException("The hub has no services. Write builder.Services.AddLongwireHub().");

    private SessionExtras Extras => _extras ?? Interlocked.CompareExchange(ref _extras, new SessionExtras(), null) ?? _extras;

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

    private bool TrySend(HubLink connection, PreparedMessage message, bool isLossy, in SendOptions options)
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
    private void GiveUp(HubLink connection, Exception exception)
    {
        _hub.Log.SendFailed(exception, ClientId);
        TryClose(connection, CloseStatus.InternalError, "Internal error");
    }

    /// <summary>Starts the closing handshake; never throws, since all that closes has more to do behind it.</summary>
    private void TryClose(HubLink? connection, CloseStatus status, string reason)
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
