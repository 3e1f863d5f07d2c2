namespace Longwire.Hubs;

/// <content>From the first connection to the end: attached, lost, resumed, expired, ended.</content>
public sealed partial class HubSession
{
    private long _nextDeadline = long.MaxValue;
    private DateTimeOffset _authenticateBy = DateTimeOffset.MaxValue;
    private DateTimeOffset _presentUntil = DateTimeOffset.MaxValue;
    private DateTimeOffset _resumableUntil = DateTimeOffset.MaxValue;
    private bool _lost;
    private bool _ended;

    /// <summary>Whether one of the session's deadlines has passed. The hub asks every second, from its timer's thread.</summary>
    internal bool IsDue(DateTimeOffset now) => now.UtcTicks >= Volatile.Read(ref _nextDeadline);

    /// <summary>Takes an identity, at first or anew. Another user than before leaves the rooms of the one before.</summary>
    internal async ValueTask AuthenticateAsync(HubIdentity identity)
    {
        if (_identity is { } previous && previous.UserId != identity.UserId)
        {
            foreach (Membership? membership in _memberships.Values.ToArray())
            {
                await _hub.RoomRequests.LeaveAsync(membership, id: null).ConfigureAwait(false);
            }
        }

        BecomeIdentity(identity);
        UpdateDeadline();
    }

    private async ValueTask AttachAsync(HubConnection connection, HubHandshake handshake)
    {
        if (_ended)
        {
            _hub.Admit(connection, handshake, resume: false);
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
                await RefuseAsync(connection, outcome.IsUnavailable).ConfigureAwait(false);
                return;
            }

            identity = outcome.Identity;
        }

        if (_lost || _connection is not null)
        {
            if (identity is not null && _identity is not null && identity.UserId != _identity.UserId)
            {
                // The secret of one user in the hands of another, on the same device perhaps: a session is never shared.
                _hub.Admit(connection, handshake, resume: false);
                return;
            }

            await AttachAgainAsync(connection, identity, handshake).ConfigureAwait(false);
            return;
        }

        if (identity is null && !_hub.Options.RequireAuthentication)
        {
            identity = new HubIdentity(ClientId, string.Concat("guest-", ClientId.AsSpan(0, 6)));
        }

        if (identity is null)
        {
            _authenticateBy = _hub.Now + _hub.Options.AuthenticationTimeout;
        }
        else
        {
            BecomeIdentity(identity);
        }

        Connect(connection, handshake, resumed: false);
    }

    private async ValueTask AttachAgainAsync(HubConnection connection, HubIdentity? identity, HubHandshake handshake)
    {
        if (_connection is { } previous)
        {
            _connection = null;
            SuspendMemberships();
            previous.Close(HubCloseStatus.SessionReplaced, "Session replaced");
        }

        if (_lost)
        {
            _lost = false;
            _hub.ReleaseLost();
        }

        if (identity is not null)
        {
            await AuthenticateAsync(identity).ConfigureAwait(false);
        }
        else if (!_mayAct || _hub.Now >= ExpiresAt)
        {
            _mayAct = false;
            _authenticateBy = _hub.Now + _hub.Options.AuthenticationTimeout;
        }

        Connect(connection, handshake, resumed: true);
    }

    private void Connect(HubConnection connection, HubHandshake handshake, bool resumed)
    {
        RemoteAddress = handshake.RemoteAddress ?? RemoteAddress;
        UpdateDeadline();
        if (_hub.IsStopping)
        {
            connection.Close(CloseStatus.GoingAway, "Going away");
        }

        // Sent before the connection becomes the session's: nothing can come before it.
        ServerMessages.SendConnected(
            this,
            connection,
            SessionSecret.Format(ClientId, _secret),
            resumed,
            _hub.Node,
            _hub.Dispatcher.MaxMessageBytes(connection)
        );
        _hub.Metrics.MessagesSent(1);
        _connection = connection;
        _hub.Log.Connected(ClientId, resumed, RemoteAddress);
        int clients = _hub.ConnectionCount;
        if (_hub.Options.SendWelcome)
        {
            ServerMessages.SendWelcome(this, _hub.Options.WelcomeMessage, clients);
        }

        _hub.AnnounceConnection(this, joined: true, clients);
    }

    private async ValueTask RefuseAsync(HubConnection connection, bool unavailable)
    {
        if (unavailable)
        {
            connection.Close(CloseStatus.TryAgainLater, "Try again later");
        }
        else
        {
            connection.Close(CloseStatus.PolicyViolation, "Invalid authentication");
        }

        if (!_lost && _connection is null)
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask HandleClosedAsync(HubConnection connection, CloseStatus status)
    {
        _hub.Log.Disconnected(ClientId, (int)status);
        if (connection != _connection)
        {
            return;
        }

        _connection = null;
        SuspendMemberships();
        _hub.AnnounceConnection(this, joined: false, _hub.ConnectionCount);
        if (_identity is not null && HubCloseStatus.IsResumable(status) && _hub.TryKeepLost())
        {
            _lost = true;
            DateTimeOffset now = _hub.Now;
            _resumableUntil = now + _hub.Options.ResumeWindow;
            _presentUntil = now + _hub.Options.PresenceGrace;
            UpdateDeadline();
            return;
        }

        await EndAsync().ConfigureAwait(false);
    }

    private async ValueTask HandleDeadlineAsync()
    {
        DateTimeOffset now = _hub.Now;
        if (_connection is { } connection)
        {
            if (!_mayAct && now >= _authenticateBy)
            {
                _authenticateBy = DateTimeOffset.MaxValue;
                _hub.Log.AuthenticationTimedOut(ClientId);
                connection.Close(CloseStatus.PolicyViolation, "Authentication failed");
            }
            else if (_mayAct && now >= ExpiresAt)
            {
                // Resumable still, but only with a new token: until then it may do nothing.
                _mayAct = false;
                connection.Close(HubCloseStatus.TokenExpired, "Token expired");
            }
        }
        else if (_lost && now >= _resumableUntil)
        {
            await EndAsync().ConfigureAwait(false);
        }
        else if (_lost && now >= _presentUntil)
        {
            _presentUntil = DateTimeOffset.MaxValue;
            await LeaveRoomsAsync().ConfigureAwait(false);
        }

        UpdateDeadline();
    }

    private async ValueTask KickAsync()
    {
        if (_connection is { } connection)
        {
            // The rest follows when the connection has ended: this status can't be resumed.
            connection.Close(HubCloseStatus.Kicked, "Kicked");
            return;
        }

        await EndAsync().ConfigureAwait(false);
    }

    private async ValueTask EndAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _mayAct = false;
        Volatile.Write(ref _nextDeadline, long.MaxValue);
        if (_lost)
        {
            _lost = false;
            _hub.ReleaseLost();
        }

        _hub.Forget(this);
        await LeaveRoomsAsync().ConfigureAwait(false);
    }

    private async ValueTask LeaveRoomsAsync()
    {
        foreach (Membership? membership in _memberships.Values.ToArray())
        {
            await _hub.RoomRequests.LeaveSilentlyAsync(membership).ConfigureAwait(false);
        }
    }

    /// <summary>The memberships last, but nothing is delivered until the client asks to join again.</summary>
    private void SuspendMemberships()
    {
        foreach (Membership membership in _memberships.Values)
        {
            membership.Room.Deactivate(membership);
        }
    }

    private void BecomeIdentity(HubIdentity identity)
    {
        _hub.Users.Replace(this, _identity?.UserId, identity.UserId);
        _identity = identity;
        _mayAct = true;
        _authenticateBy = DateTimeOffset.MaxValue;
    }

    private DateTimeOffset ExpiresAt =>
        _identity?.ExpiresAt is { } expiry && expiry < DateTimeOffset.MaxValue - _hub.Options.ExpiryGrace
            ? expiry + _hub.Options.ExpiryGrace
            : DateTimeOffset.MaxValue;

    private void UpdateDeadline()
    {
        DateTimeOffset next =
            _lost ? Earlier(_presentUntil, _resumableUntil)
            : _mayAct ? ExpiresAt
            : _authenticateBy;
        Volatile.Write(ref _nextDeadline, _ended || next == DateTimeOffset.MaxValue ? long.MaxValue : next.UtcTicks);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
