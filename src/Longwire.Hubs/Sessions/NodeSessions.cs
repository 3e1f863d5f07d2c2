using System.Collections;

namespace Longwire.Hubs;

/// <summary>
/// The sessions of this node: lets their connections in and out, finds them, and holds what they share. Enumerated, it is a snapshot.
/// Thread-safe.
/// </summary>
internal sealed class NodeSessions : IEnumerable<HubSession>
{
    private readonly SessionTable _table = new();
    private readonly List<HubSession> _due = [];
    private int _connectionCount;
    private int _lostCount;

    public NodeSessions(NodeContext node, RoomRegistry rooms, IReadOnlyList<ITokenValidator> validators)
    {
        Node = node;
        Rooms = rooms;
        Accounts = new AccountTable(node.Clock);
        Lease = new NodeLease(node, this);
        Keeper = new SessionKeeper(node, Lease);
        Enforcer = new AccessEnforcer(node, this);
        Access = new AccessList(node, Enforcer.Enforce);
        Authenticator = new Authenticator(node, Access, validators);
        Doorkeeper = new Doorkeeper(node, Access, Authenticator);
    }

    public NodeContext Node { get; }

    public RoomRegistry Rooms { get; }

    /// <summary>The room that every session that has signed in is told of. There from the start on.</summary>
    public Room Everyone { get; set; } = null!;

    public AccountTable Accounts { get; }

    public NodeLease Lease { get; }

    /// <summary>Keeps the sessions of this node among those of all nodes.</summary>
    public SessionKeeper Keeper { get; }

    public AccessList Access { get; }

    public AccessEnforcer Enforcer { get; }

    public Authenticator Authenticator { get; }

    public Doorkeeper Doorkeeper { get; }

    /// <summary>Clients that have still to be told how their connection ended.</summary>
    public Farewells Farewells { get; } = new();

    /// <summary>Deals with what clients send. There from before the first connection on, as is <see cref="Placement"/>.</summary>
    public IMessageDispatcher Dispatcher { get; set; } = null!;

    public IRoomPlacement Placement { get; set; } = null!;

    /// <summary>The application; null where there is none.</summary>
    public ISessionApplication? Application { get; set; }

    /// <summary>
    /// Called before a session deals with an event; what it throws is that event's failure. For tests that inject faults.
    /// </summary>
    public Action<HubSession, SessionEventKind>? OnSessionEvent { get; set; }

    /// <summary>How many connections are open.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    public IEnumerator<HubSession> GetEnumerator() => _table.ToList().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Lets a connection in, or closes it, with the messages that belong to that.</summary>
    public void Accept(HubLink connection, HubHandshake handshake)
    {
        if (Interlocked.Increment(ref _connectionCount) > Node.Settings.MaxConnections)
        {
            Interlocked.Decrement(ref _connectionCount);
            Node.Metrics.ConnectionRejected("full");
            Node.Log.ServerFull(handshake.RemoteAddress);
            connection.Refuse(Refusal.ServerFull);
            return;
        }

        Node.Metrics.ConnectionOpened(connection.Transport);
        try
        {
            Admit(connection, handshake, resume: true);
        }
        catch
        {
            Interlocked.Decrement(ref _connectionCount);
            Node.Metrics.ConnectionClosed(connection.Transport);
            throw;
        }
    }

    /// <summary>Gives a connection its session: the one it comes back to, or a new one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="handshake">The handshake's statements.</param>
    /// <param name="resume">Whether it may come back to a session.</param>
    /// <param name="taken">The session, if this node has taken it and it has not begun here.</param>
    public void Admit(HubLink connection, HubHandshake handshake, bool resume, TakenSession? taken = null)
    {
        if (resume && FindResumable(handshake.Session) is { } session && session.TryAttach(connection, handshake))
        {
            return;
        }

        if (resume && FindElsewhere(handshake.Session) is { } clientId)
        {
            // Nobody can find it before it has become this node's.
            var elsewhere = new HubSession(this, clientId);
            if (taken is not null)
            {
                elsewhere.Tenure.Taken = taken;
            }

            elsewhere.TryAttach(connection, handshake);
            return;
        }

        // Nothing waits at a new session, so that this can't be refused.
        Add(handshake.TakePrepared()).TryAttach(connection, handshake);
    }

    /// <summary>A connection has ended. True when it was the last.</summary>
    public bool Release(HubLink connection, CloseStatus status)
    {
        if (connection.Session is not { } session || !connection.TryRelease())
        {
            return false;
        }

        int left = Interlocked.Decrement(ref _connectionCount);
        Node.Metrics.ConnectionClosed(connection.Transport);
        session.Post(new SessionEvent(SessionEventKind.Closed) { Connection = connection, Status = connection.ClosedWith ?? status });
        return left == 0;
    }

    /// <summary>The session with a client id; null when there is none.</summary>
    public HubSession? Find(string clientId) => _table.TryFind(clientId, out HubSession? session) ? session : null;

    /// <summary>The session that a secret is of.</summary>
    public HubSession? FindResumable(string? text) =>
        SessionSecret.TryParse(text, out string clientId, out byte[] secret) ? FindResumable(clientId, SecretHash.Of(secret)) : null;

    /// <summary>The session with a client id, if a secret is of it.</summary>
    public HubSession? FindResumable(string clientId, SecretHash secret) =>
        Find(clientId) is { } session && session.HasSecret(secret) ? session : null;

    /// <summary>The client id of the session that a secret is of, where another node may have that.</summary>
    public string? FindElsewhere(string? text) =>
        !Keeper.IsAlone && FindResumable(text) is null && SessionSecret.TryParse(text, out string clientId, out _) ? clientId : null;

    /// <summary>A session that nobody can find yet, for a client whose handshake is judged before it has a connection.</summary>
    public HubSession Prepare() => new(this, Node.Settings.NewId(stackalloc byte[SessionSecret.ClientIdBytes]));

    /// <summary>
    /// A session that another node had can be found here from now on, in the place of an earlier one. False when a later one is here.
    /// </summary>
    public bool TryRegister(HubSession session)
    {
        bool isLatest = _table.TryReplace(session, out HubSession? former);
        former?.Post(new SessionEvent(SessionEventKind.Taken));
        return isLatest;
    }

    /// <summary>The session has ended.</summary>
    public void Forget(HubSession session) => _table.Remove(session);

    /// <summary>Whether one more lost session may be kept.</summary>
    public bool TryKeepLost()
    {
        // Those of a hub that stops may come back to another node.
        if (Node.Settings.ResumeWindow == TimeSpan.Zero || (Node.IsStopping && Keeper.IsAlone))
        {
            return false;
        }

        if (Interlocked.Increment(ref _lostCount) > Node.Settings.MaxLostSessions)
        {
            Interlocked.Decrement(ref _lostCount);
            return false;
        }

        Node.Metrics.SessionLost();
        return true;
    }

    public void ReleaseLost()
    {
        Interlocked.Decrement(ref _lostCount);
        Node.Metrics.SessionNoLongerLost();
    }

    /// <summary>Tells everyone else that somebody connected or left, as long as that is few enough people.</summary>
    public void AnnounceConnection(HubSession about, bool joined, int clients)
    {
        if (clients > Node.Settings.AnnouncedConnections || Node.IsStopping)
        {
            return;
        }

        PreparedMessage message = BroadcastMessages.Connections(joined, clients);
        foreach (HubSession session in this)
        {
            if (session != about && session.MayAct && session.Deliver(message))
            {
                Node.Metrics.MessagesSent(1);
            }
        }
    }

    /// <summary>The hub's clock calls this every second: sessions whose deadline has passed deal with it. Returns at once.</summary>
    public void OnClock(TimeSpan now)
    {
        _table.Collect(static (session, at) => session.IsDue(at.Now, at.Date), (Now: now, Node.Date), _due);
        foreach (HubSession session in _due)
        {
            session.PostDeadline();
        }

        _due.Clear();
        Accounts.Sweep();
    }

    /// <summary>The hub stops: all connections are closed. Sessions that no other node can have end.</summary>
    public void CloseAll()
    {
        foreach (HubSession session in this)
        {
            session.CloseConnection(CloseStatus.GoingAway, "Going away");
            // Lost sessions, those of a drain among them, may come back to another node.
            if (!session.IsConnected && Keeper.IsAlone)
            {
                session.Post(new SessionEvent(SessionEventKind.End));
            }
        }
    }

    private HubSession Add(HubSession? prepared)
    {
        HubSession session = prepared ?? Prepare();
        while (!_table.TryAdd(session))
        {
            session = Prepare();
        }

        return session;
    }
}
