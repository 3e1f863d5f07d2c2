namespace Longwire.Hubs;

/// <content>Letting connections in and out, and the sessions they belong to.</content>
public sealed partial class Hub
{
    private static readonly TimeSpan _clockInterval = TimeSpan.FromSeconds(1);

    private readonly SessionTable _sessions = new();
    private readonly List<HubSession> _due = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Clients that have still to be told how their connection ended.</summary>
    internal PollFarewells Farewells { get; } = new();

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

        if (!IsReady)
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
            connection.Refuse(Refusal.ServerFull);
            return;
        }

        Metrics.ConnectionOpened(connection.Transport);
        try
        {
            Admit(connection, handshake, resume: true);
        }
        catch
        {
            Interlocked.Decrement(ref _connectionCount);
            Metrics.ConnectionClosed(connection.Transport);
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

        if (resume && FindElsewhere(handshake.Session) is { } clientId)
        {
            // Nobody can find it before it has become this node's.
            new HubSession(this, clientId).TryAttach(connection, handshake);
            return;
        }

        // Nothing waits at a new session, so that this can't be refused.
        NewSession(handshake.TakePrepared()).TryAttach(connection, handshake);
    }

    /// <summary>A connection has ended.</summary>
    internal void Release(HubLink connection, CloseStatus status)
    {
        if (connection.Session is not { } session || !connection.TryRelease())
        {
            return;
        }

        int left = Interlocked.Decrement(ref _connectionCount);
        Metrics.ConnectionClosed(connection.Transport);
        session.Post(new SessionEvent(SessionEventKind.Closed) { Connection = connection, Status = connection.ClosedWith ?? status });
        if (left == 0 && !IsReady)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>The session has ended.</summary>
    internal void Forget(HubSession session) => _sessions.Remove(session);

    /// <summary>Whether one more lost session may be kept.</summary>
    internal bool TryKeepLost()
    {
        // Those of a hub that stops may come back to another node.
        if (Settings.ResumeWindow == TimeSpan.Zero || (IsStopping && Keeper.IsAlone))
        {
            return false;
        }

        if (Interlocked.Increment(ref _lostCount) > Settings.MaxLostSessions)
        {
            Interlocked.Decrement(ref _lostCount);
            return false;
        }

        Metrics.SessionLost();
        return true;
    }

    internal void ReleaseLost()
    {
        Interlocked.Decrement(ref _lostCount);
        Metrics.SessionNoLongerLost();
    }

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

    /// <summary>A session that nobody can find yet, for a client whose handshake is judged before it has a connection.</summary>
    internal HubSession PrepareSession() => new(this, NewId(stackalloc byte[SessionSecret.ClientIdBytes]));

    private HubSession NewSession(HubSession? prepared)
    {
        HubSession session = prepared ?? PrepareSession();
        while (!_sessions.TryAdd(session))
        {
            session = PrepareSession();
        }

        return session;
    }

    internal string NewAskId() => NewId(stackalloc byte[9]);

    internal byte[] NewSecret()
    {
        byte[] secret = new byte[SessionSecret.SecretBytes];
        Settings.FillRandom(secret);
        return secret;
    }

    /// <summary>The session that a secret is of, on this node.</summary>
    internal HubSession? FindResumable(string? text) =>
        SessionSecret.TryParse(text, out string clientId, out byte[] secret) ? FindResumable(clientId, SecretHash.Of(secret)) : null;

    /// <summary>The session with a client id, on this node, if a secret is of it.</summary>
    internal HubSession? FindResumable(string clientId, SecretHash secret) =>
        FindSession(clientId) is { } session && session.HasSecret(secret) ? session : null;

    /// <summary>The client id of the session that a secret is of, where another node may have that.</summary>
    internal string? FindElsewhere(string? text) =>
        !Keeper.IsAlone && FindResumable(text) is null && SessionSecret.TryParse(text, out string clientId, out _) ? clientId : null;

    /// <summary>
    /// A session that another node had can be found here from now on, in the place of an earlier one. False when a later one is here.
    /// </summary>
    internal bool TryRegister(HubSession session)
    {
        bool isLatest = _sessions.TryReplace(session, out HubSession? former);
        former?.Post(new SessionEvent(SessionEventKind.Taken));
        return isLatest;
    }

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
            Access.OnClock(now);
            Keeper.OnClock();
        }
        catch (Exception exception)
        {
            // A timer's exception would end the process.
            Log.ClockFailed(exception);
        }
    }

    /// <summary>Whether the engine has said that it is away.</summary>
    internal bool IsEngineAway
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The engine is back: what was missed is read, and the members are there again.</summary>
    internal void OnEngineOnline()
    {
        _rooms.VerifyAll();
        if (!Keeper.IsAlone)
        {
            // Sessions may have been taken meanwhile: each asks whether it is still this node's.
            _lease.OnAddingFailed();
        }

        _ = _lease.RenewAsync();
        _ = Access.CatchUpAsync();
    }

    private void CloseAll()
    {
        foreach (HubSession session in Sessions)
        {
            session.CloseConnection(CloseStatus.GoingAway, "Going away");
            // Lost sessions, those of a drain among them, may come back to another node.
            if (!session.IsConnected && Keeper.IsAlone)
            {
                session.Post(new SessionEvent(SessionEventKind.End));
            }
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
