using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>
/// One user on this node: what all sessions together take, which they are, and the user's own room once there is something in it. Or one
/// address, with all its sessions that have no user or a guest. It is its own lock. Thread-safe.
/// </summary>
internal sealed class Account(AccountKey key)
{
    private readonly string _name = key.Name;
    private readonly bool _isUser = key.IsUser;
    private RateBuckets _buckets;
    private int _connected;
    private int _lost;
    private int _rooms;

    // One session, or a list of them: most users have one.
    private object? _sessions;
    private Room? _me;

    public AccountKey Key => new(_isUser, _name);

    /// <summary>Whether it is a user's.</summary>
    public bool IsUser => _isUser;

    /// <summary>How many sessions have the account. The table guards it.</summary>
    public int References { get; set; }

    /// <summary>Whether the table looks at it again when its bucket is full. The table guards it.</summary>
    public bool IsResting { get; set; }

    /// <summary>The user's sessions: a snapshot.</summary>
    public HubSession[] Sessions
    {
        get
        {
            lock (this)
            {
                return _sessions switch
                {
                    HubSession one => [one],
                    List<HubSession> many => [.. many],
                    _ => [],
                };
            }
        }
    }

    /// <summary>The user's own room, where it is open on this node.</summary>
    public Room? Me
    {
        get
        {
            lock (this)
            {
                return _me;
            }
        }
    }

    /// <summary>The user has one more session, or has it already.</summary>
    public void Add(HubSession session)
    {
        lock (this)
        {
            switch (_sessions)
            {
                case null:
                    _sessions = session;
                    break;
                case HubSession one when one != session:
                    _sessions = new List<HubSession>(2) { one, session };
                    break;
                case List<HubSession> many when !many.Contains(session):
                    many.Add(session);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A session is not the user's any more. Returns the user's own room when nobody is left in it, to be closed.</summary>
    public Room? Remove(HubSession session)
    {
        lock (this)
        {
            session.StopHearingMe(_me);
            if (_sessions is List<HubSession> many)
            {
                many.Remove(session);
                _sessions = many.Count == 1 ? many[0] : many;
            }
            else if (_sessions == session)
            {
                _sessions = null;
            }

            if (_sessions is null)
            {
                Room? left = _me;
                _me = null;
                return left;
            }
        }

        Me?.Run();
        return null;
    }

    /// <summary>Has a session hear what is said to its user, if the user's own room is open; what is said there first opens it.</summary>
    public void Follow(HubSession session)
    {
        session.Link?.Watch(session.Owner.Node.Traces.OfUser(_name));
        lock (this)
        {
            if (_me is null)
            {
                return;
            }

            session.HearMe(_me);
        }

        Me?.Run();
    }

    /// <summary>A session hears nothing for now.</summary>
    public void Suspend(HubSession session)
    {
        lock (this)
        {
            session.StopHearingMe(_me);
        }

        Me?.Run();
    }

    /// <summary>
    /// Opens the user's own room, and all sessions hear it. Null when it is open already, or the user has no session here.
    /// </summary>
    /// <param name="rooms">Opens it.</param>
    /// <param name="before">Where it stands, as far as that is known.</param>
    public Room? Open(RoomRegistry rooms, RoomPosition? before)
    {
        lock (this)
        {
            if (_me is not null || _sessions is null)
            {
                return null;
            }

            _me = rooms.OpenOwn(RoomNames.OfUser(_name), before);
            foreach (HubSession session in Sessions)
            {
                session.HearMe(_me);
            }

            return _me;
        }
    }

    /// <summary>
    /// Counts a session in its new state instead of the old one. False when there are too many in that state; nothing changes then.
    /// </summary>
    public bool TryMove(LongwireHubOptions settings, SessionState from, SessionState to)
    {
        lock (this)
        {
            if (from == to)
            {
                return true;
            }

            if (
                (to == SessionState.Connected && IsFull(settings))
                || (to == SessionState.Lost && _lost >= (_isUser ? settings.MaxLostSessionsPerUser : settings.MaxLostSessionsPerAddress))
            )
            {
                return false;
            }

            Count(from, -1);
            Count(to, 1);
            Debug.Assert(_connected >= 0 && _lost >= 0, "No session is counted out that was not counted in.");
            return true;
        }
    }

    /// <summary>Whether it has as many connections as it may.</summary>
    public bool IsCrowded(LongwireHubOptions settings)
    {
        lock (this)
        {
            return IsFull(settings);
        }
    }

    public bool TryEnterRoom(LongwireHubOptions settings)
    {
        lock (this)
        {
            if (_rooms >= (_isUser ? settings.MaxRoomsPerUser : settings.MaxRoomsPerAddress))
            {
                return false;
            }

            _rooms++;
            return true;
        }
    }

    public void LeaveRoom()
    {
        lock (this)
        {
            _rooms--;
            Debug.Assert(_rooms >= 0, "No room is left that was not entered.");
        }
    }

    /// <summary>Counts a message, or says when to try again.</summary>
    public bool TryTake(LongwireHubOptions settings, int bytes, TimeSpan now, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        RateLimitOptions? rate = _isUser ? settings.RateLimit : settings.AddressRateLimit;
        ByteRateOptions? byteRate = _isUser ? settings.ByteRate : settings.AddressByteRate;
        if (rate is null && byteRate is null)
        {
            return true;
        }

        lock (this)
        {
            return _buckets.TryTake(rate, byteRate, bytes, now, out retryAfter);
        }
    }

    /// <summary>Counts a join, or says when to try again.</summary>
    public bool TryTakeJoin(LongwireHubOptions settings, TimeSpan now, out TimeSpan retryAfter)
    {
        lock (this)
        {
            return _buckets.TryTakeJoin(_isUser ? settings.JoinRate : settings.AddressJoinRate, now, out retryAfter);
        }
    }

    /// <summary>How long until the account remembers nothing that a new one would not.</summary>
    public TimeSpan TimeUntilFull(TimeSpan now)
    {
        lock (this)
        {
            return _buckets.TimeUntilFull(now);
        }
    }

    private bool IsFull(LongwireHubOptions settings) =>
        _connected >= (_isUser ? settings.MaxConnectionsPerUser : settings.MaxConnectionsPerAddress);

    private void Count(SessionState state, int by)
    {
        if (state == SessionState.Connected)
        {
            _connected += by;
        }
        else if (state == SessionState.Lost)
        {
            _lost += by;
        }
    }
}
