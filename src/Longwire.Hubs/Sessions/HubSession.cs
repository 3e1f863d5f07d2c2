using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// One client's identity, across its connections: it outlives a lost connection for the resume window. All that happens to a
/// session is dealt with one thing after the other (see <c>HubSession.Inbox.cs</c>), so that what only that touches needs no lock.
/// The public members are safe from any thread.
/// </summary>
public sealed partial class HubSession
{
    private readonly Hub _hub;
    private readonly byte[] _secret;
    private readonly Dictionary<string, Membership> _memberships = new(StringComparer.Ordinal);
    private RecentRequests? _recentRequests;
    private TokenBucket _bucket;
    private int _rejectedInARow;
    private volatile HubConnection? _connection;
    private volatile HubIdentity? _identity;
    private volatile bool _mayAct;

    internal HubSession(Hub hub, string clientId, byte[] secret)
    {
        _hub = hub;
        _secret = secret;
        ClientId = clientId;
        if (hub.Options.RateLimit is { } limit)
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

    /// <summary>Anything the application wants to keep with the session.</summary>
    public object? UserState { get; set; }

    /// <summary>The names of the rooms the session is in: a snapshot.</summary>
    public IReadOnlyList<string> Rooms
    {
        get
        {
            lock (_gate)
            {
                return [.. _memberships.Keys];
            }
        }
    }

    /// <summary>Whether the session may do more than authenticate; only such sessions are sent what others say.</summary>
    internal bool MayAct => _mayAct;

    internal RecentRequests RecentRequests =>
        _recentRequests ??= new RecentRequests(_hub.Options.MaxDeduplicationIds, _hub.Options.DeduplicationWindow);

    /// <summary>
    /// Sends a JSON object in UTF-8 to the client. False when the session has no connection, or when the connection could not take it: a
    /// client that does not keep up is closed with 4008.
    /// </summary>
    /// <param name="utf8Json">The message; it is copied.</param>
    public bool TrySend(ReadOnlySpan<byte> utf8Json) => Send(utf8Json);

    /// <summary>Closes the session's connection with 4002 "Kicked" and ends the session: it can't be resumed.</summary>
    public void Kick() => Post(new SessionEvent(SessionEventKind.Kick));

    internal bool Send(ReadOnlySpan<byte> json)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        if (connection.TrySend(json))
        {
            _hub.Metrics.MessagesSent(1);
            return true;
        }

        CloseTooSlow(connection);
        return false;
    }

    /// <summary>Sends a message framed once for many. The caller counts it.</summary>
    internal bool Deliver(PreparedMessage message, SlowConsumerPolicy policy = SlowConsumerPolicy.Disconnect)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        if (connection.TrySend(message))
        {
            return true;
        }

        if (policy == SlowConsumerPolicy.Disconnect)
        {
            CloseTooSlow(connection);
        }

        return false;
    }

    internal void CloseTooSlow()
    {
        if (_connection is { } connection)
        {
            CloseTooSlow(connection);
        }
    }

    /// <summary>Starts the closing handshake of the session's connection, if it has one.</summary>
    internal void CloseConnection(CloseStatus status, string reason) => _connection?.Close(status, reason);

    internal bool TryTakeToken(out TimeSpan retryAfter, out int rejectedInARow)
    {
        retryAfter = TimeSpan.Zero;
        bool taken = _hub.Options.RateLimit is null || _bucket.TryTake(_hub.TimeProvider, out retryAfter);
        _rejectedInARow = rejectedInARow = taken ? 0 : _rejectedInARow + 1;
        return taken;
    }

    internal bool HasSecret(ReadOnlySpan<byte> secret) => SessionSecret.AreEqual(secret, _secret);

    internal Membership? FindMembership(string room) => _memberships.GetValueOrDefault(room);

    internal int RoomCount => _memberships.Count;

    /// <summary>How many messages wait for an earlier one.</summary>
    internal int WaitingMessages => Volatile.Read(ref _waitingMessages);

    internal void AddMembership(Membership membership)
    {
        lock (_gate)
        {
            _memberships.Add(membership.Room.Name, membership);
        }
    }

    internal void RemoveMembership(Membership membership)
    {
        lock (_gate)
        {
            _memberships.Remove(membership.Room.Name);
        }
    }

    private void CloseTooSlow(HubConnection connection)
    {
        if (connection.IsOpen)
        {
            _hub.Log.TooSlow(ClientId);
            _hub.Metrics.SlowConsumerClosed();
            connection.Close(HubCloseStatus.TooSlow, "Too slow");
        }
    }
}
