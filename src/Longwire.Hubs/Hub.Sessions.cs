namespace Longwire.Hubs;

/// <content>Letting connections in and out, and the sessions they belong to.</content>
public sealed partial class Hub
{
    private static readonly TimeSpan _clockInterval = TimeSpan.FromSeconds(1);

    private readonly SessionTable _sessions = new();
    private readonly List<HubSession> _due = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _clock;
    private int _connectionCount;
    private int _lostCount;

    /// <summary>The session with a client id, on this node; null when there is none.</summary>
    /// <param name="clientId">The client's id.</param>
    public HubSession? FindSession(string clientId)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        return _sessions.TryFind(clientId, out HubSession? session) ? session : null;
    }

    /// <summary>All sessions of this node.</summary>
    internal IEnumerable<HubSession> Sessions => _sessions.ToList();

    /// <summary>Lets a connection in, or closes it, with the messages that belong to that.</summary>
    internal void Accept(HubLink connection, HubHandshake handshake)
    {
        if (!_started)
        {
            throw new InvalidOperationException("The hub has not been started.");
        }

        if (IsStopping)
        {
            Metrics.ConnectionRejected("stopping");
            connection.Close(CloseStatus.GoingAway, "Going away");
            return;
        }

        if (Interlocked.Increment(ref _connectionCount) > Settings.MaxConnections)
        {
            Interlocked.Decrement(ref _connectionCount);
            Metrics.ConnectionRejected("full");
            Log.ServerFull(handshake.RemoteAddress);
            connection.Close(CloseStatus.PolicyViolation, "Server full");
            return;
        }

        Metrics.ConnectionOpened();
        try
        {
            Admit(connection, handshake, resume: true);
        }
        catch
        {
            Interlocked.Decrement(ref _connectionCount);
            Metrics.ConnectionClosed();
            throw;
        }
    }

    /// <summary>Gives a connection its session: the one it comes back to, or a new one.</summary>
    internal void Admit(HubLink connection, HubHandshake handshake, bool resume)
    {
        if (resume && FindResumable(handshake.Session) is { } session && session.TryAttach(connection, handshake))
        {
            return;
        }

        // Nothing waits at a new session, so that this can't be refused.
        NewSession().TryAttach(connection, handshake);
    }

    /// <summary>A connection has ended.</summary>
    internal void Release(HubLink connection, CloseStatus status)
    {
        if (connection.Session is not { } session || !connection.TryRelease())
        {
            return;
        }

        int left = Interlocked.Decrement(ref _connectionCount);
        Metrics.ConnectionClosed();
        session.Post(new SessionEvent(SessionEventKind.Closed) { Connection = connection, Status = connection.ClosedWith ?? status });
        if (left == 0 && IsStopping)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>The session has ended.</summary>
    internal void Forget(HubSession session) => _sessions.Remove(session);

    /// <summary>Whether one more lost session may be kept.</summary>
    internal bool TryKeepLost()
    {
        if (Settings.ResumeWindow == TimeSpan.Zero || IsStopping)
        {
            return false;
        }

        if (Interlocked.Increment(ref _lostCount) <= Settings.MaxLostSessions)
        {
            return true;
        }

        ReleaseLost();
        return false;
    }

    internal void ReleaseLost() => Interlocked.Decrement(ref _lostCount);

    /// <summary>Tells everyone else that somebody connected or left, as long as that is few enough people.</summary>
    internal void AnnounceConnection(HubSession about, bool joined, int clients)
    {
        if (clients > Settings.AnnouncedConnections || IsStopping)
        {
            return;
        }

        PreparedMessage message = BroadcastMessages.Connections(joined, clients);
        foreach (HubSession session in Sessions)
        {
            if (session != about && session.MayAct && session.Deliver(message))
            {
                Metrics.MessagesSent(1);
            }
        }
    }

    private HubSession NewSession()
    {
        Span<byte> id = stackalloc byte[SessionSecret.ClientIdBytes];
        while (true)
        {
            var session = new HubSession(this, NewId(id));
            if (_sessions.TryAdd(session))
            {
                return session;
            }
        }
    }

    internal string NewAskId() => NewId(stackalloc byte[9]);

    internal byte[] NewSecret()
    {
        byte[] secret = new byte[SessionSecret.SecretBytes];
        Settings.FillRandom(secret);
        return secret;
    }

    private HubSession? FindResumable(string? text) =>
        SessionSecret.TryParse(text, out string clientId, out byte[] secret)
        && _sessions.TryFind(clientId, out HubSession? session)
        && session.HasSecret(secret)
            ? session
            : null;

    /// <summary>One timer for all deadlines of all sessions; a second early or late makes no difference to them.</summary>
    private void StartClock() =>
        _clock = TimeProvider.CreateTimer(static hub => ((Hub)hub!).OnClock(), this, _clockInterval, _clockInterval);

    private void StopClock() => _clock?.Dispose();

    private void OnClock()
    {
        try
        {
            TimeSpan now = Clock.Now;
            DateTimeOffset date = Date;
            _sessions.Collect(static (session, at) => session.IsDue(at.Now, at.Date), (Now: now, Date: date), _due);
            foreach (HubSession session in _due)
            {
                session.PostDeadline();
            }

            _due.Clear();

            Accounts.Sweep();
            _rooms.OnClock(now);
            _lease.OnClock(now);
        }
        catch (Exception exception)
        {
            // A timer's exception would end the process.
            Log.ClockFailed(exception);
        }
    }

    /// <summary>The engine is back: what was missed is read, and the members are there again.</summary>
    internal void OnEngineOnline()
    {
        _rooms.VerifyAll();
        _ = _lease.RenewAsync();
    }

    private void CloseAll()
    {
        foreach (HubSession session in Sessions)
        {
            session.CloseConnection(CloseStatus.GoingAway, "Going away");
            if (!session.IsConnected)
            {
                session.Post(new SessionEvent(SessionEventKind.End));
            }
        }
    }

    private void DrainAll(TimeSpan over)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        foreach (HubSession session in Sessions)
        {
            Settings.FillRandom(random);
            session.Send(ServerMessages.Drain(over * (BitConverter.ToUInt32(random) / (double)uint.MaxValue)));
            session.CloseConnection(CloseStatus.ServiceRestart, "Service restart");
        }
    }

    private Task Drained()
    {
        if (ConnectionCount == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }
}
