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

    // By which the session is counted: its user, or where there is none its address.
    private Account? _account;
    private TokenBucket _bucket;
    private SessionSecrets _secrets;
    private PackedAddress _address;
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

    /// <summary>The session's identity; null until authenticated. In a hub that requires no authentication, a guest.</summary>
    public HubIdentity? Identity => _identity;

    /// <summary>Whether the session has a connection now.</summary>
    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>Where the client last connected from, if known.</summary>
    public IPAddress? RemoteAddress
    {
        get => _address.Address ?? _extras?.LongAddress;
        private set
        {
            if (!PackedAddress.TryPack(value, out _address))
            {
                Extras.LongAddress = value;
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

    internal Hub Owner => _hub;

    /// <summary>The session's connection; null when it has none.</summary>
    internal HubLink? Link => _connection;

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

    internal bool Send(ReadOnlySpan<byte> json) => _connection is { } link && link.TrySendTo(json);

    /// <summary>Sends what was written, and ends it.</summary>
    internal bool Send(JsonBuffer message)
    {
        using (message)
        {
            return Send(message.End());
        }
    }

    /// <summary>Sends a message framed once for many that is about no room. The caller counts it.</summary>
    internal bool Deliver(PreparedMessage message) => Deliver(message, default);

    /// <summary>The same, as the options say. One that may be dropped closes nothing.</summary>
    internal bool Deliver(PreparedMessage message, in SendOptions options) =>
        _connection is { } link && link.TrySendTo(message, options.WhenFull is SendQueueFullMode.DropOldest, options);

    /// <summary>Whether what happens in rooms is told on a connection: on the present one, while the session may act.</summary>
    internal bool Hears(HubLink link) => link == _connection && _mayAct;

    /// <summary>Starts the closing handshake of the session's connection, if it has one.</summary>
    internal void CloseConnection(CloseStatus status, string reason) => _connection?.TryClose(status, reason);

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
        string producer = Extras.ProducerKeyOf(ClientId, _identity!.UserId);
        return new IdempotencyKey(producer, string.Concat(type, "\n", id));
    }

    /// <summary>The session's membership of a room, by the name that its client knows.</summary>
    internal Membership? FindMembership(string room) =>
        room switch
        {
            RoomNames.All => new Membership(_hub.Everyone, presence: null, link: null),
            RoomNames.Me => User?.Me is { } me ? new Membership(me, presence: null, link: null) : null,
            _ => _memberships.Find(room),
        };

    /// <summary>The way to tell the session what happens in a room, on its present connection; null when it has none.</summary>
    internal Receiver? Listen(Membership membership)
    {
        if (_connection is not { } link || membership.Link is not null)
        {
            return _connection is null ? null : membership;
        }

        if (membership.Presence is null)
        {
            return membership.Room == _hub.Everyone ? link : Extras.HearingMe;
        }

        var heard = new Membership(membership.Room, membership.Presence, link);
        _memberships.Replace(heard);
        return heard;
    }

    /// <summary>The session stays a member, but is told nothing until its client asks to join again.</summary>
    internal Task SuspendAsync(Membership membership)
    {
        // The one that is told now: another may have taken the place of the one that the caller found.
        if (_memberships.Find(membership.Room.Name) is not { Link: not null } told)
        {
            return Task.CompletedTask;
        }

        _memberships.Replace(new Membership(told.Room, told.Presence, link: null));
        return told.Room.RemoveAsync(told);
    }

    /// <summary>The name of the room of the session's user.</summary>
    internal string OwnRoomName => RoomNames.OfUser(_identity!.UserId);

    /// <summary>Opens the room of the session's user, if it is not open yet: what is said to a user first is what else opens it.</summary>
    internal ValueTask OpenOwnRoomAsync() =>
        User?.Open(_hub.Rooms, before: null) is { } opened ? new ValueTask(_hub.Rooms.SubscribeOwnAsync(opened)) : default;

    /// <summary>The user's own room is open, and the session hears it if it may. Called under the account's lock.</summary>
    internal void HearMe(Room me)
    {
        if (_connection is { } link && _mayAct && Extras is { HearingMe: null } extras)
        {
            me.Follow(extras.HearingMe = new Membership(me, presence: null, link));
        }
    }

    /// <summary>The session hears its user's own room no more. Called under the account's lock.</summary>
    internal void StopHearingMe(Room? me)
    {
        if (_extras is { HearingMe: { } hearing } extras)
        {
            extras.HearingMe = null;
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

        User!.Follow(this);
        return _hub.TellsOfUsers ? default : OpenOwnRoomAsync();
    }

    /// <summary>The memberships last, but nothing is delivered until the client asks to join again.</summary>
    private void SuspendMemberships(HubLink link)
    {
        foreach (Membership membership in _memberships.ToArray())
        {
            _ = SuspendAsync(membership);
        }

        User?.Suspend(this);
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
    internal bool TryEnterRoom() =>
        _memberships.Count < _hub.Settings.MaxRoomsPerSession && (_account is null || _account.TryEnterRoom(_hub.Settings));

    /// <summary>Counts out a room that was not entered after all.</summary>
    internal void LeaveRoom() => _account?.LeaveRoom();

    internal void AddMembership(Membership membership) => _memberships.Add(membership);

    internal void RemoveMembership(Membership membership)
    {
        _memberships.Remove(membership);
        LeaveRoom();
    }

    /// <summary>The session's account among the users of this node; null while it has none.</summary>
    private Account? User => _extras?.Guest ?? (_account is { Key.IsUser: true } user ? user : null);

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

        if (account is null || account.TryMove(_hub.Settings, SessionState.New, _state))
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
            account.TryMove(_hub.Settings, _state, SessionState.New);
            _hub.Accounts.Close(account);
        }
    }

    private void BecomeIdentity(HubIdentity identity)
    {
        _identity = identity;
        if (_extras is { } extras)
        {
            extras.ProducerKey = null;
        }

        if (identity.UserId == ClientId)
        {
            // A guest is counted by its address, and is a user all the same.
            Extras.Guest ??= _hub.Accounts.Open(AccountKey.OfUser(ClientId));
        }

        User!.Add(this);
        _mayAct = true;
        Deadline = MonotonicClock.Never;
    }

    /// <summary>The session is not its user's any more. Returns the user's own room if nobody is left in it.</summary>
    private Room? LeaveUser()
    {
        if (User is not { } user)
        {
            return null;
        }

        Room? me = user.Remove(this);
        if (_extras is { Guest: { } guest } extras)
        {
            extras.Guest = null;
            _hub.Accounts.Close(guest);
        }

        return me;
    }
}
