using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>
/// What one user takes of this node with all sessions, or one address with all sessions that have no user or a guest. Thread-safe.
/// </summary>
internal sealed class Account
{
    private readonly Lock _gate = new();
    private readonly HubOptions _settings;
    private TokenBucket _bucket;
    private int _connected;
    private int _lost;
    private int _rooms;

    public Account(AccountKey key, HubOptions settings)
    {
        Key = key;
        _settings = settings;
        if (Rate is { } rate)
        {
            _bucket = new TokenBucket(rate, settings.TimeProvider);
        }
    }

    public AccountKey Key { get; }

    /// <summary>How many sessions have the account. The table guards it.</summary>
    public int Sessions { get; set; }

    /// <summary>Whether the table looks at it again when its bucket is full. The table guards it.</summary>
    public bool IsResting { get; set; }

    private RateLimitOptions? Rate => Key.IsUser ? _settings.RateLimit : _settings.AddressRateLimit;

    /// <summary>
    /// Counts a session in its new state instead of the old one. False when there are too many in that state; nothing changes then.
    /// </summary>
    public bool TryMove(SessionState from, SessionState to)
    {
        lock (_gate)
        {
            if (from == to)
            {
                return true;
            }

            if (
                (
                    to == SessionState.Connected
                    && _connected >= (Key.IsUser ? _settings.MaxConnectionsPerUser : _settings.MaxConnectionsPerAddress)
                )
                || (
                    to == SessionState.Lost
                    && _lost >= (Key.IsUser ? _settings.MaxLostSessionsPerUser : _settings.MaxLostSessionsPerAddress)
                )
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

    public bool TryEnterRoom()
    {
        lock (_gate)
        {
            if (_rooms >= (Key.IsUser ? _settings.MaxRoomsPerUser : _settings.MaxRoomsPerAddress))
            {
                return false;
            }

            _rooms++;
            return true;
        }
    }

    public void LeaveRoom()
    {
        lock (_gate)
        {
            _rooms--;
            Debug.Assert(_rooms >= 0, "No room is left that was not entered.");
        }
    }

    public bool TryTakeToken(out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        if (Rate is null)
        {
            return true;
        }

        lock (_gate)
        {
            return _bucket.TryTake(_settings.TimeProvider, out retryAfter);
        }
    }

    /// <summary>How long until the account remembers nothing that a new one would not.</summary>
    public TimeSpan TimeUntilFull()
    {
        if (Rate is null)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            return _bucket.TimeUntilFull(_settings.TimeProvider);
        }
    }

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
