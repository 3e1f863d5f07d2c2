using System.Diagnostics;

namespace Longwire.Hubs;

/// <content>From the first connection to the end: attached, lost, resumed, expired, ended.</content>
public sealed partial class HubSession
{
    /// <summary>How long a client may come back with the secret before the newest one.</summary>
    private static readonly TimeSpan _formerSecretAge = TimeSpan.FromSeconds(30);

    private long _deadlineTicks = long.MaxValue;
    private SessionState _state;

    /// <summary>Whether one of the session's deadlines has passed. The hub asks every second, from its timer's thread.</summary>
    /// <param name="now">Now, for durations.</param>
    /// <param name="date">Now, for the token's expiry.</param>
    internal bool IsDue(TimeSpan now, DateTimeOffset date) =>
        now >= Deadline || (_state == SessionState.Connected && _mayAct && date >= ExpiresAt);

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
            UserState = null;
            await _hub.Rooms.CloseOwnAsync(LeaveUser()).ConfigureAwait(false);
            foreach (Membership membership in _memberships.ToArray())
            {
                await _hub.RoomRequests.LeaveAsync(this, membership, id: null).ConfigureAwait(false);
            }
        }

        if (account != _account)
        {
            CloseAccount();
            _account = account;
        }

        BecomeIdentity(identity);
        UpdateDeadline();
        await FollowOwnRoomsAsync().ConfigureAwait(false);
        return (true, secret);
    }

    /// <summary>Closes the connection with a status after which nothing is resumed, and ends the session at once.</summary>
    internal ValueTask EndAsync(CloseStatus status, string reason)
    {
        Debug.Assert(!HubCloseStatus.IsResumable(status), "A session that may be resumed does not end.");
        CloseConnection(status, reason);
        return EndAsync();
    }

    private async ValueTask AttachAsync(HubLink connection, HubHandshake handshake)
    {
        byte[]? presented = null;
        if (_state != SessionState.New && (_state == SessionState.Ended || !SessionSecret.TryFind(handshake, this, out presented)))
        {
            // The session is over, or its secret has changed, since the hub found it.
            _hub.Admit(connection, handshake, resume: false);
            return;
        }

        if (handshake.Producer is { Length: > HubHandshake.MaxProducerLength })
        {
            await RefuseAsync(connection, CloseStatus.PolicyViolation, "Invalid producer").ConfigureAwait(false);
            return;
        }

        HubIdentity? identity = handshake.Identity;
        if (handshake.Token is { } token)
        {
            Authenticator.Outcome outcome = await _hub
                .Authenticator.ValidateAsync(this, token, username: null, handshake.RemoteAddress)
                .ConfigureAwait(false);
            if (outcome.Identity is null)
            {
                _hub.Log.AuthenticationFailed(ClientId, handshake.RemoteAddress);
                await (
                    outcome.IsUnavailable
                        ? RefuseAsync(connection, CloseStatus.TryAgainLater, "Try again later")
                        : RefuseAsync(connection, CloseStatus.PolicyViolation, "Invalid authentication")
                ).ConfigureAwait(false);
                return;
            }

            identity = outcome.Identity;
        }

        if (presented is not null)
        {
            if (identity is not null && _identity is not null && identity.UserId != _identity.UserId)
            {
                // The secret of one user in the hands of another, on the same device perhaps: a session is never shared.
                _hub.Admit(connection, handshake, resume: false);
                return;
            }

            await AttachAgainAsync(connection, identity, handshake, presented).ConfigureAwait(false);
            return;
        }

        if (identity is null && _hub.Settings.AllowGuests)
        {
            identity = HubIdentity.Guest(ClientId);
        }

        RemoteAddress = handshake.RemoteAddress;
        if (!TryOpenAccount(identity, out _account) || !TryEnter(SessionState.Connected))
        {
            await RefuseAsync(connection, CloseStatus.PolicyViolation, "Too many connections").ConfigureAwait(false);
            return;
        }

        if (identity is null)
        {
            Deadline = _hub.Clock.After(_hub.Settings.AuthenticationTimeout);
        }
        else
        {
            BecomeIdentity(identity);
        }

        await ConnectAsync(connection, handshake, RenewSecret(), resumed: false).ConfigureAwait(false);
        await OnConnectedAsync().ConfigureAwait(false);
    }

    /// <summary>Tells the application that the session has a connection and may act.</summary>
    internal ValueTask OnConnectedAsync() =>
        _mayAct && _hub.Application is { } application ? application.CallAsync(this, application.ConnectHooks) : default;

    private async ValueTask AttachAgainAsync(HubLink connection, HubIdentity? identity, HubHandshake handshake, byte[] presented)
    {
        bool wasLost = _state == SessionState.Lost;
        if (!TryEnter(SessionState.Connected))
        {
            await RefuseAsync(connection, CloseStatus.PolicyViolation, "Too many connections").ConfigureAwait(false);
            return;
        }

        Deadline = MonotonicClock.Never;
        if (_connection is { } previous)
        {
            _connection = null;
            SuspendMemberships(previous);
            await RoomAdmission.TellOfLossAsync(this, _memberships.ToArray()).ConfigureAwait(false);
            previous.TryClose(HubCloseStatus.SessionReplaced, "Session replaced");
        }

        if (wasLost)
        {
            _hub.ReleaseLost();
        }

        // A client that knew the secret while nobody had signed in must not become the user who signs in now.
        bool becomesKnown = _identity is null && identity is not null;
        string secret = RenewSecret(becomesKnown ? null : presented);
        if (identity is not null)
        {
            if (!(await AuthenticateAsync(identity).ConfigureAwait(false)).Accepted)
            {
                connection.Close(CloseStatus.PolicyViolation, "Too many connections");
                await EndAsync().ConfigureAwait(false);
                return;
            }
        }
        else if (!_mayAct || _hub.Date >= ExpiresAt)
        {
            _mayAct = false;
            Deadline = _hub.Clock.After(_hub.Settings.AuthenticationTimeout);
        }

        await ConnectAsync(connection, handshake, secret, resumed: true).ConfigureAwait(false);
        _extras?.Asks?.SendAgain();
        await OnConnectedAsync().ConfigureAwait(false);
    }

    private async ValueTask ConnectAsync(HubLink connection, HubHandshake handshake, string secret, bool resumed)
    {
        Producer = handshake.Producer ?? Producer;
        RemoteAddress = handshake.RemoteAddress ?? RemoteAddress;
        UpdateDeadline();
        if (_hub.IsStopping)
        {
            connection.Close(CloseStatus.GoingAway, "Going away");
        }

        // Sent before the connection becomes the session's: nothing can come before it.
        using (
            JsonBuffer connected = ServerMessages.Connected(
                ClientId,
                Identity,
                secret,
                resumed,
                _hub.Node,
                connection.PingInterval,
                _hub.Dispatcher.MaxMessageBytes(connection),
                _hub.IdempotencyAge
            )
        )
        {
            connection.TrySend(connected.End());
        }

        _hub.Metrics.MessagesSent(1);
        _connection = connection;
        connection.IsAnnounced = true;
        _hub.Log.Connected(ClientId, resumed, RemoteAddress);
        int clients = _hub.ConnectionCount;
        if (_hub.Settings.Welcome is { } welcome)
        {
            Send(ServerMessages.Welcome(welcome, clients));
        }

        await FollowOwnRoomsAsync().ConfigureAwait(false);
        _hub.AnnounceConnection(this, joined: true, clients);
    }

    private async ValueTask RefuseAsync(HubLink connection, CloseStatus status, string reason)
    {
        _hub.Log.ConnectionRefused(ClientId, RemoteAddress, reason);
        _hub.Metrics.ConnectionRejected(status == CloseStatus.TryAgainLater ? "unavailable" : "refused");
        connection.Close(status, reason);
        if (_state == SessionState.New)
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask HandleClosedAsync(HubLink connection, CloseStatus status)
    {
        _hub.Log.Disconnected(ClientId, (int)status);
        bool isCurrent = connection == _connection;
        if (isCurrent)
        {
            _connection = null;
            SuspendMemberships(connection);
        }

        if (connection.IsAnnounced)
        {
            _hub.AnnounceConnection(this, joined: false, _hub.ConnectionCount);
        }

        if (!isCurrent)
        {
            return;
        }

        if (_identity is not null && _hub.Application is { } application)
        {
            await application.CallAsync(this, application.DisconnectHooks).ConfigureAwait(false);
        }

        if (_identity is not null && HubCloseStatus.IsResumable(status) && _hub.TryKeepLost())
        {
            if (TryEnter(SessionState.Lost))
            {
                await RoomAdmission.TellOfLossAsync(this, _memberships.ToArray()).ConfigureAwait(false);
                Extras.LostAt = _hub.Clock.Now;
                UpdateDeadline();
                return;
            }

            _hub.ReleaseLost();
        }

        await EndAsync().ConfigureAwait(false);
    }

    private async ValueTask HandleDeadlineAsync()
    {
        Volatile.Write(ref _deadlineIsPosted, false);
        TimeSpan now = _hub.Clock.Now;
        if (_state == SessionState.Connected)
        {
            if (!_mayAct && now >= Deadline)
            {
                _hub.Log.AuthenticationTimedOut(ClientId);
                await EndAsync(CloseStatus.PolicyViolation, "Authentication failed").ConfigureAwait(false);
            }
            else if (_mayAct && _hub.Date >= ExpiresAt)
            {
                // Resumable still, but only with a new token: until then it may do nothing.
                _mayAct = false;
                CloseConnection(HubCloseStatus.TokenExpired, "Token expired");
            }
        }
        else if (_state == SessionState.Lost && now >= ResumableUntil)
        {
            await EndAsync().ConfigureAwait(false);
        }
        else if (_state == SessionState.Lost)
        {
            await RoomPlacement
                .LeaveAllAsync(_hub, this, _memberships.DueBy(now, Extras.LostAt, _hub.Settings.PresenceGrace), LeaveCause.Lost)
                .ConfigureAwait(false);
        }

        UpdateDeadline();
    }

    /// <summary>Ends the session. None of the steps can fail.</summary>
    private async ValueTask EndAsync()
    {
        if (_state == SessionState.Ended)
        {
            return;
        }

        bool wasLost = _state == SessionState.Lost;
        TryEnter(SessionState.Ended);
        _mayAct = false;
        _connection = null;
        UpdateDeadline();
        if (wasLost)
        {
            _hub.ReleaseLost();
        }

        _hub.Forget(this);
        Room? me = LeaveUser();
        _extras?.Asks?.End();
        bool wasKicked = Volatile.Read(ref _kicked);
        LeaveCause cause =
            wasKicked ? LeaveCause.Kicked
            : wasLost ? LeaveCause.Lost
            : LeaveCause.Left;
        await RoomPlacement.LeaveAllAsync(_hub, this, _memberships.ToArray(), cause).ConfigureAwait(false);
        await _hub.Rooms.CloseOwnAsync(me).ConfigureAwait(false);
        CloseAccount();
        _account = null;
    }

    /// <summary>
    /// Counts the session in its next state. False when its user or address has too many sessions in it; nothing changes then.
    /// </summary>
    private bool TryEnter(SessionState next)
    {
        if (_account is not null && !_account.TryMove(_hub.Settings, _state, next))
        {
            return false;
        }

        _state = next;
        return true;
    }

    /// <summary>Makes another secret, which is known from here on to the client alone.</summary>
    private string RenewSecret(byte[]? former = null)
    {
        byte[] secret = _hub.NewSecret();
        using (_gate.Enter())
        {
            _secrets.Renew(secret, former, _hub.Clock.After(_formerSecretAge));
        }

        return SessionSecret.Format(ClientId, secret);
    }

    private DateTimeOffset ExpiresAt =>
        _identity?.ExpiresAt is { } expiry && expiry < DateTimeOffset.MaxValue - _hub.Settings.ExpiryGrace
            ? expiry + _hub.Settings.ExpiryGrace
            : DateTimeOffset.MaxValue;

    /// <summary>
    /// While connected, by when the session has to sign in; while lost, when it leaves the next room or is over. The hub's timer reads it.
    /// </summary>
    private TimeSpan Deadline
    {
        get => new(Volatile.Read(ref _deadlineTicks));
        set => Volatile.Write(ref _deadlineTicks, value.Ticks);
    }

    private TimeSpan ResumableUntil =>
        _hub.Settings.ResumeWindow < MonotonicClock.Never - Extras.LostAt
            ? Extras.LostAt + _hub.Settings.ResumeWindow
            : MonotonicClock.Never;

    private void UpdateDeadline() =>
        Deadline = _state switch
        {
            SessionState.Ended => MonotonicClock.Never,
            SessionState.Lost => Earlier(_memberships.NextDue(Extras.LostAt, _hub.Settings.PresenceGrace), ResumableUntil),
            _ => Deadline,
        };

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
