namespace Longwire.Hubs;

/// <content>
/// The room's presence, as the engine tells it. Differences wait a little, so that many that happen at once are one message, and only
/// the last of a user counts.
/// </content>
public sealed partial class Room
{
    /// <summary>How many users are told of in one message.</summary>
    private const int MaxDifferences = 1_000;

    private static readonly TimeSpan _differencesEvery = TimeSpan.FromMilliseconds(100);

    private Dictionary<string, PresenceEntry>? _differences;
    private bool _isPresenceHeard;
    private long _presenceVersion;
    private TimeSpan _presenceAt = MonotonicClock.Never;
    private int _users;

    internal void OnPresence(PresenceChange change)
    {
        bool isTold = change.IsFirstOrLastOfUser && change.Members <= Settings.AnnouncedMembers && !_node.IsStopping;
        bool isFirst = false;
        lock (_fanOut)
        {
            Volatile.Write(ref _members, change.Members);
            _users = change.Users;
            bool isLost = _presenceVersion > 0 && change.User.Version > _presenceVersion + 1;
            _presenceVersion = Math.Max(_presenceVersion, change.User.Version);
            if (isTold)
            {
                _fanOut.Tell(new PresenceEvent(Name, change), change.Member.ClientId);
            }

            if (_isPresenceHeard && !_node.IsStopping)
            {
                if (isLost)
                {
                    ResetPresence();
                }

                isFirst = _differences is null;
                _differences ??= new Dictionary<string, PresenceEntry>(StringComparer.Ordinal);
                _differences[change.User.UserId] = change.User;
            }
        }

        if (isFirst)
        {
            _ = TellDifferencesAsync();
        }

        if (isTold)
        {
            FanOutScope.Note(_fanOut);
        }
    }

    /// <summary>
    /// The engine has counted the members. That counts as long as it has told nothing: nobody is told of a member who was one already, on
    /// another node.
    /// </summary>
    internal void OnCounted(int members)
    {
        lock (_fanOut)
        {
            if (_presenceVersion == 0)
            {
                Volatile.Write(ref _members, members);
            }
        }
    }

    /// <summary>
    /// Asks the engine whether changes were lost: it was away, or does not promise to tell everything. Never throws: where it fails, it is
    /// tried again.
    /// </summary>
    private async Task VerifyPresenceAsync(bool log = true)
    {
        if (RoomNames.IsOwn(Name))
        {
            return;
        }

        try
        {
            PresencePage page = await _node.Engine.Presence.ReadAsync(Name, 0, 1, _node.Stopping).ConfigureAwait(false);
            lock (_fanOut)
            {
                if (page.Version == _presenceVersion)
                {
                    return;
                }

                if (page.Version > _presenceVersion)
                {
                    _presenceVersion = page.Version;
                    Volatile.Write(ref _members, page.Members);
                    _users = page.Users;
                }

                if (!_isPresenceHeard)
                {
                    return;
                }

                ResetPresence();
            }

            _fanOut.Run();
        }
        catch (Exception exception)
        {
            if (log && !_node.IsStopping)
            {
                _node.Log.EngineUnavailable(exception, "presence");
            }

            lock (_fanOut)
            {
                _presenceAt = _node.Clock.After(_repairAgainAfter);
            }
        }
    }

    /// <summary>
    /// Those who are told the differences have to read presence again. Differences that wait may have been followed by some that were lost,
    /// and would bring back what is over. Called under the room's lock.
    /// </summary>
    private void ResetPresence()
    {
        _differences?.Clear();
        _fanOut.Tell(new PresenceResetEvent(Name));
    }

    private async Task TellDifferencesAsync()
    {
        try
        {
            await Task.Delay(_differencesEvery, _node.Settings.TimeProvider, _node.Stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_fanOut)
        {
            PresenceEntry[] users = [.. _differences!.Values.OrderBy(static user => user.Version)];
            _differences = null;
            foreach (PresenceEntry[] some in users.Chunk(MaxDifferences))
            {
                _fanOut.Tell(new PresenceDifferenceEvent(Name, some, _members, _users));
            }
        }

        _fanOut.Run();
    }
}
