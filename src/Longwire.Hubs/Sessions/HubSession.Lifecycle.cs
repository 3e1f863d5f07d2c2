using System.Diagnostics;

namespace Longwire.Hubs;

/// <content>From the first connection to the end: attached, lost, resumed, expired, ended.</content>
public sealed partial class HubSession
{
    /// <summary>How long a client may come back with the secret before the newest one.</summary>
    private static readonly TimeSpan _formerSecretAge = TimeSpan.FromSeconds(30);

    private long _deadlineTicks = long.MaxValue;
    private SessionState _state;

    internal SessionState State => _state;

    /// <summary>Whether the session has been let in, here or on another node.</summary>
    internal bool HasBegun => _state != SessionState.New;

    /// <summary>Whether the session is over.</summary>
    internal bool HasEnded => _state == SessionState.Ended;

    /// <summary>Closes the connection with a status after which nothing is resumed, and ends the session at once.</summary>
    internal ValueTask EndAsync(CloseStatus status, string reason)
    {
        Debug.Assert(!HubCloseStatus.IsResumable(status), "A session that may be resumed does not end.");
        CloseConnection(status, reason);
        return EndAsync();
    }

    private async ValueTask AttachAsync(HubLink connection, HubHandshake handshake)
    {
        // The session of another node's, perhaps: this object is none yet.
        bool isElsewhere = SessionSecret.TryFind(handshake, this, out byte[]? presented) && !HasBegun;
        if (HasBegun && (HasEnded || presented is null || !HasSecret(SecretHash.Of(presented))))
        {
            // The session is over, or its secret has changed, since the hub found it.
            _owner.Admit(connection, handshake, resume: false);
            return;
        }

        (HubIdentity? identity, Refusal? refusal) = await _owner.Doorkeeper.JudgeAsync(this, handshake).ConfigureAwait(false);
        if (refusal is not null)
        {
            await RefuseAsync(connection, refusal).ConfigureAwait(false);
            return;
        }

        if (presented is not null)
        {
            (bool isHere, refusal, TakenSession? taken) = await this.TakeAsync(handshake, presented).ConfigureAwait(false);
            if (refusal is not null)
            {
                await RefuseAsync(connection, refusal).ConfigureAwait(false);
                return;
            }

            if (!isHere)
            {
                // One that is here no more may be elsewhere.
                _owner.Admit(connection, handshake, resume: !isElsewhere, taken);
                return;
            }

            if (identity is not null && _identity is not null && identity.UserId != _identity.UserId)
            {
                // The secret of one user in the hands of another, on the same device perhaps: a session is never shared.
                _owner.Admit(connection, handshake, resume: false);
                return;
            }

            await AttachAgainAsync(connection, identity, handshake, presented).ConfigureAwait(false);
            return;
        }

        if (identity is null && Node.Settings.AllowGuests)
        {
            identity = HubIdentity.Guest(ClientId);
        }

        if (identity is null && !connection.TakesMessages)
        {
            await RefuseAsync(connection, Refusal.InvalidAuthentication).ConfigureAwait(false);
            return;
        }

        RemoteAddress = handshake.RemoteAddress;
        if (!TryOpenAccount(identity, out _account) || !TryEnter(SessionState.Connected))
        {
            await RefuseAsync(connection, Refusal.TooManyConnections).ConfigureAwait(false);
            return;
        }

        if (identity is null)
        {
            Deadline = Node.Clock.After(Node.Settings.AuthenticationTimeout);
        }
        else
        {
            BecomeIdentity(identity);
        }

        if (await TryConnectAsync(connection, handshake, RenewSecret(), resumed: false).ConfigureAwait(false))
        {
            await OnConnectedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tells the application that the session has a connection and may act.</summary>
    internal ValueTask OnConnectedAsync() =>
        _mayAct && _owner.Application is { } application ? application.OnConnectedAsync(this) : default;

    /// <summary>
    /// The session was another node's, and is this one's as one whose connection was lost. False when there are too many of those.
    /// </summary>
    internal bool TryContinue(SessionRecord record, HubHandshake handshake)
    {
        var identity = HubIdentity.Of(record.User);
        Producer = record.Producer;
        RemoteAddress = handshake.RemoteAddress;
        _secrets.Renew(record.Secret, record.FormerSecret, Node.Clock.After(record.FormerSecretAge));
        if (!TryOpenAccount(identity, out _account) || !_owner.TryKeepLost())
        {
            return false;
        }

        if (!TryEnter(SessionState.Lost))
        {
            _owner.ReleaseLost();
            return false;
        }

        BecomeIdentity(identity);
        Tenure.LostAt = Node.Clock.Now;
        this.UpdateDeadline();
        return true;
    }

    private async ValueTask AttachAgainAsync(HubLink connection, HubIdentity? identity, HubHandshake handshake, byte[] presented)
    {
        bool wasLost = _state == SessionState.Lost;
        if (!TryEnter(SessionState.Connected))
        {
            await RefuseAsync(connection, Refusal.TooManyConnections).ConfigureAwait(false);
            return;
        }

        Deadline = MonotonicClock.Never;
        if (_connection is { } previous)
        {
            _connection = null;
            this.SuspendMemberships(previous);
            await _owner.Placement.TellOfLossAsync(this, _memberships.ToArray()).ConfigureAwait(false);
            previous.TryClose(HubCloseStatus.SessionReplaced, "Session replaced");
        }

        if (wasLost)
        {
            _owner.ReleaseLost();
        }

        // A client that knew the secret while nobody had signed in must not become the user who signs in now.
        bool becomesKnown = _identity is null && identity is not null;
        bool keepsSecret = !becomesKnown && !connection.TakesMessages && _secrets.IsNewest(presented);
        string secret = keepsSecret
            ? SessionSecret.Format(ClientId, presented)
            : RenewSecret(becomesKnown ? null : SecretHash.Of(presented));
        if (identity is not null)
        {
            if (!(await AuthenticateAsync(identity).ConfigureAwait(false)).Accepted)
            {
                connection.Refuse(Refusal.TooManyConnections);
                await EndAsync().ConfigureAwait(false);
                return;
            }
        }
        else if (!_mayAct || !this.IsGood())
        {
            _mayAct = false;
            Deadline = Node.Clock.After(Node.Settings.AuthenticationTimeout);
        }

        if (await TryConnectAsync(connection, handshake, secret, resumed: true).ConfigureAwait(false))
        {
            Node.Metrics.SessionResumed();
            _extras?.Asks?.SendAgain();
            await OnConnectedAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TryConnectAsync(HubLink connection, HubHandshake handshake, string secret, bool resumed)
    {
        Producer = handshake.Producer ?? Producer;
        RemoteAddress = handshake.RemoteAddress ?? RemoteAddress;
        this.UpdateDeadline();
        // With its secret, before the client knows that.
        if (!await this.SaveAsync().ConfigureAwait(false))
        {
            connection.Refuse(Refusal.Replaced);
            await LoseAsync().ConfigureAwait(false);
            return false;
        }

        if (Node.IsStopping)
        {
            connection.Close(CloseStatus.GoingAway, "Going away");
        }

        // Sent before the connection becomes the session's: nothing can come before it.
        connection.SendConnected(secret, resumed);
        _connection = connection;
        connection.IsAnnounced = true;
        Node.Log.Connected(ClientId, resumed, RemoteAddress);
        int clients = _owner.ConnectionCount;
        if (Node.Settings.Welcome is { } welcome)
        {
            Send(ServerMessages.Welcome(welcome, clients));
        }

        await this.FollowOwnRoomsAsync().ConfigureAwait(false);
        _owner.AnnounceConnection(this, joined: true, clients);
        _owner.Enforcer.Enforce(this);
        return true;
    }

    private async ValueTask RefuseAsync(HubLink connection, Refusal refusal)
    {
        Node.Log.ConnectionRefused(ClientId, RemoteAddress, refusal.Reason);
        Node.Metrics.ConnectionRejected(refusal == Refusal.TryAgainLater ? "unavailable" : "refused");
        connection.Refuse(refusal);
        if (_state == SessionState.New)
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask HandleClosedAsync(HubLink connection, CloseStatus status)
    {
        Node.Log.Disconnected(ClientId, (int)status);
        bool isCurrent = connection == _connection;
        if (isCurrent)
        {
            _connection = null;
            this.SuspendMemberships(connection);
        }

        if (connection.IsAnnounced)
        {
            _owner.AnnounceConnection(this, joined: false, _owner.ConnectionCount);
        }

        if (!isCurrent)
        {
            return;
        }

        if (_identity is not null && _owner.Application is { } application)
        {
            await application.OnDisconnectedAsync(this).ConfigureAwait(false);
        }

        await (_identity is not null && (IsTaken || HubCloseStatus.IsResumable(status)) ? LoseAsync() : EndAsync()).ConfigureAwait(false);
    }

    /// <summary>
    /// The session has no connection, and is kept for a while: until its client comes back, or, when another node has taken it, until that
    /// says that it has the members.
    /// </summary>
    private async ValueTask LoseAsync()
    {
        if (_owner.TryKeepLost())
        {
            if (TryEnter(SessionState.Lost))
            {
                await _owner.Placement.TellOfLossAsync(this, _memberships.ToArray()).ConfigureAwait(false);
                Tenure.LostAt = Node.Clock.Now;
                this.UpdateDeadline();
                return;
            }

            _owner.ReleaseLost();
        }

        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the session. None of the steps can fail.</summary>
    internal async ValueTask EndAsync()
    {
        if (_state == SessionState.Ended)
        {
            return;
        }

        bool wasLost = _state == SessionState.Lost;
        TryEnter(SessionState.Ended);
        _mayAct = false;
        _connection = null;
        this.UpdateDeadline();
        if (wasLost)
        {
            _owner.ReleaseLost();
        }

        _owner.Forget(this);
        Room? me = LeaveUser();
        _extras?.Asks?.End();
        if (Generation > 0 && !IsTaken)
        {
            await _owner.Keeper.RemoveAsync(ClientId, Generation).ConfigureAwait(false);
        }

        bool wasKicked = Volatile.Read(ref _kicked);
        // A session of another node's has not left its rooms.
        LeaveCause? cause =
            IsTaken ? null
            : wasKicked ? LeaveCause.Kicked
            : wasLost ? LeaveCause.Lost
            : LeaveCause.Left;
        await _owner.Placement.LeaveAllAsync(this, _memberships.ToArray(), cause).ConfigureAwait(false);
        await _owner.Rooms.CloseOwnAsync(me).ConfigureAwait(false);
        CloseAccount();
        _account = null;
    }

    /// <summary>
    /// Counts the session in its next state. False when its user or address has too many sessions in it; nothing changes then.
    /// </summary>
    private bool TryEnter(SessionState next)
    {
        if (_account is not null && !_account.TryMove(Node.Settings, _state, next))
        {
            return false;
        }

        _state = next;
        return true;
    }

    /// <summary>Makes another secret, which is known from here on to the client alone.</summary>
    private string RenewSecret(SecretHash? former = null)
    {
        byte[] secret = new byte[SessionSecret.SecretBytes];
        Node.Settings.FillRandom(secret);
        using (_gate.Enter())
        {
            _secrets.Renew(SecretHash.Of(secret), former, Node.Clock.After(_formerSecretAge));
        }

        return SessionSecret.Format(ClientId, secret);
    }

    /// <summary>The token is good no more: the session can be resumed with a new one, and until then it may do nothing.</summary>
    internal void Expire(string reason)
    {
        _mayAct = false;
        CloseConnection(HubCloseStatus.TokenExpired, reason);
    }

    /// <summary>
    /// While connected, by when the session has to sign in; while lost, when it leaves the next room or is over. The hub's timer reads it.
    /// </summary>
    internal TimeSpan Deadline
    {
        get => new(Volatile.Read(ref _deadlineTicks));
        set => Volatile.Write(ref _deadlineTicks, value.Ticks);
    }
}
