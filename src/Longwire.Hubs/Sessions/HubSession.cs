using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// One client's identity, across its connections: it outlives a lost connection for the resume window. All that happens to a
/// session is dealt with one thing after the other (see <c>HubSession.Inbox.cs</c>), so that what only that touches needs no lock.
/// The public members are safe from any thread.
/// </summary>
public sealed partial class HubSession : IHubSession
{
    private readonly NodeSessions _owner;
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

    internal HubSession(NodeSessions owner, string clientId)
    {
        _owner = owner;
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

    /// <summary>The node's sessions, with what they share.</summary>
    internal NodeSessions Owner => _owner;

    private NodeContext Node => _owner.Node;

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
        ApplicationMessages.ThrowIfNoMessage(utf8Json, Node.Settings.MaxJsonDepth);
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
        Extras.AsksOf(this).AskAsync<TReply>(Application.Contracts, question, timeout ?? OpenAsks.DefaultTimeout, cancellationToken);

    /// <summary>
    /// Closes the session's connection with 4002 "Kicked" and ends the session: it can't be resumed. Nothing that the client sent and
    /// that has not been dealt with yet counts.
    /// </summary>
    public void Kick() => ThrowOut(static link => link?.TryClose(HubCloseStatus.Kicked, "Kicked"));

    /// <inheritdoc/>
    public ValueTask KickAsync(CancellationToken cancellationToken = default)
    {
        Kick();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RevokeAsync(CancellationToken cancellationToken = default) =>
        _owner.Access.RevokeSessionAsync(ClientId, cancellationToken);

    /// <summary>Ends the session, and its connection as the caller closes it.</summary>
    internal void ThrowOut(Action<HubLink?> close)
    {
        if (!Interlocked.Exchange(ref _kicked, true))
        {
            close(_connection);
            Post(new SessionEvent(SessionEventKind.Kick) { Work = CloseAndEndAsync });
        }

        ValueTask CloseAndEndAsync()
        {
            // Another connection may have taken its place meanwhile.
            close(_connection);
            return EndAsync();
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

    /// <summary>The messages that came by <c>POST</c> and are dealt with now; null at all other times.</summary>
    internal PostedMessages? Posted
    {
        set => Extras.Posted = value;
    }

    /// <summary>A request is refused for now: those that must not overtake it are, too, until it comes again.</summary>
    internal void RefuseForNow(string? id)
    {
        if (id is not null)
        {
            Extras.RefusedFromNowOn().Add(id);
        }
    }

    /// <summary>Whether a request has to wait for one that was refused for now.</summary>
    internal bool MustWait(string? id, string? afterId) => _extras?.Refused?.MustWait(id, afterId) ?? false;

    /// <summary>Answers a request of the client's, in the session's turn: where the request came from.</summary>
    internal bool Answer(JsonBuffer message) => _extras?.Posted is { } posted ? posted.Answer(message) : Send(message);

    /// <summary>Sends a message framed once for many that is about no room. The caller counts it.</summary>
    internal bool Deliver(PreparedMessage message) => Deliver(message, default);

    /// <summary>The same, as the options say. One that may be dropped closes nothing.</summary>
    internal bool Deliver(PreparedMessage message, in SendOptions options) =>
        _connection is { } link && link.TrySendTo(message, options.WhenFull is SendQueueFullMode.DropOldest, options);

    /// <summary>Whether what happens in rooms is told on a connection: on the present one, while the session may act.</summary>
    internal bool Hears(HubLink link) => link == _connection && _mayAct;

    /// <summary>Starts the closing handshake of the session's connection, if it has one.</summary>
    internal void CloseConnection(CloseStatus status, string reason) => _connection?.TryClose(status, reason);

    /// <summary>The hashes of the secrets by which the session can be resumed.</summary>
    internal SessionSecrets Secrets
    {
        get
        {
            using (_gate.Enter())
            {
                return _secrets;
            }
        }
    }

    /// <summary>Whether the session can be resumed by the secret given, now.</summary>
    internal bool HasSecret(SecretHash secret) => Secrets.Include(secret, Node.Clock.Now);

    /// <summary>Since when the session is this node's, and when its connection was lost.</summary>
    internal SessionTenure Tenure => Extras.Tenure;

    /// <summary>The generation that this node has of the session; 0 while no other node can have it.</summary>
    internal long Generation => _extras?.FindTenure()?.Generation ?? 0;

    /// <summary>Whether another node has taken the session.</summary>
    internal bool IsTaken => _extras?.FindTenure() is { IsTaken: true };

    /// <summary>The session's memberships.</summary>
    internal ref MembershipList Joined => ref _memberships;

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

    /// <summary>Counts one more room, unless the session or its user is in too many.</summary>
    internal bool TryEnterRoom() =>
        _memberships.Count < Node.Settings.MaxRoomsPerSession && (_account is null || _account.TryEnterRoom(Node.Settings));

    /// <summary>Counts out a room that was not entered after all.</summary>
    internal void LeaveRoom() => _account?.LeaveRoom();

    /// <summary>The session's account among the users of this node; null while it has none.</summary>
    internal Account? User => _extras?.Guest ?? (_account is { IsUser: true } user ? user : null);

    private ISessionApplication Application =>
        _owner.Application ?? throw new InvalidOperationException("The hub has no services. Write builder.Services.AddLongwireHub().");

    /// <summary>The fields that most sessions don't need; null for those.</summary>
    internal SessionExtras? FindExtras() => _extras;

    /// <summary>The same, made when it is needed first.</summary>
    internal SessionExtras Extras => _extras ?? Interlocked.CompareExchange(ref _extras, new SessionExtras(), null) ?? _extras;

    /// <summary>Opens the account of an identity, or of the address where that is nobody's or a guest's; there may be neither.</summary>
    private bool TryOpenAccount(HubIdentity? identity, out Account? account)
    {
        account = null;
        if (identity is not null && identity.UserId != ClientId)
        {
            account = _owner.Accounts.Open(AccountKey.OfUser(identity.UserId));
        }
        else if (RemoteAddress is { } address)
        {
            account = _owner.Accounts.Open(AccountKey.OfAddress(address));
        }

        if (account is null || account.TryMove(Node.Settings, SessionState.New, _state))
        {
            return true;
        }

        _owner.Accounts.Close(account);
        account = null;
        return false;
    }

    private void CloseAccount()
    {
        if (_account is { } account)
        {
            account.TryMove(Node.Settings, _state, SessionState.New);
            _owner.Accounts.Close(account);
        }
    }

    /// <summary>
    /// Takes an identity, at first or anew. Nothing of another user's than before remains: rooms, remembered requests, what the
    /// application kept, the secret. Returns the new secret to tell the client, if there is one; or refuses, because the user has too many
    /// connections: then nothing changes.
    /// </summary>
    internal async ValueTask<(bool Accepted, string? NewSecret)> AuthenticateAsync(HubIdentity identity)
    {
        string? secret = null;
        Account? account = _account;
        if (identity.UserId != _identity?.UserId && !TryOpenAccount(identity, out account))
        {
            return (false, null);
        }

        if (_identity is { } previous && previous.UserId != identity.UserId)
        {
            secret = RenewSecret();
            _connection?.KnowSecret(secret);
            UserState = null;
            await _owner.Rooms.CloseOwnAsync(LeaveUser()).ConfigureAwait(false);
            foreach (Membership membership in _memberships.ToArray())
            {
                await _owner.Placement.LeaveAsync(this, membership).ConfigureAwait(false);
            }
        }

        if (account != _account)
        {
            CloseAccount();
            _account = account;
        }

        BecomeIdentity(identity);
        this.UpdateDeadline();
        await this.FollowOwnRoomsAsync().ConfigureAwait(false);
        return (true, secret);
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
            Extras.Guest ??= _owner.Accounts.Open(AccountKey.OfUser(ClientId));
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
            _owner.Accounts.Close(guest);
        }

        return me;
    }
}
