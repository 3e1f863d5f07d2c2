namespace Longwire.Hubs.Engines;

/// <summary>
/// The members of one room, by their users, in the order of their changes. There may be very many, and most users are members once, so that
/// a member is held once, by its user, and what most have not is held apart. Its room's lock guards it.
/// </summary>
internal sealed class MemoryPresence(long version)
{
    /// <summary>How many users who have left are remembered, where there are as many that have not.</summary>
    private const int MostGone = 10_000;
    private const int FewGone = 100;

    private readonly VersionOrder<PresenceItem> _users = new();
    private readonly long _begin = version;

    /// <summary>The further members of users who have more than one.</summary>
    private Dictionary<string, List<RoomMember>>? _more;

    /// <summary>The node of the first member, and those of the clients that are on another one.</summary>
    private MemoryLink? _home;
    private Dictionary<string, MemoryLink>? _elsewhere;
    private long _version = version;

    public int Count { get; private set; }

    /// <summary>The number of the newest change.</summary>
    public long Version => _version;

    public IEnumerable<RoomMember> MembersOf(MemoryLink node) =>
        _users
            .Items.Select(static user => user.Member)
            .Concat(_more?.Values.SelectMany(static more => more) ?? [])
            .Where(member => NodeOf(member) == node);

    /// <summary>Adds a member; null when the client is one already, and has moved to this node.</summary>
    public PresenceChange? Add(RoomMember member, MemoryLink node)
    {
        _home ??= node;
        if (_users.Find(member.UserId) is not { } user)
        {
            Place(member, node);
            Count++;
            user = new PresenceItem(member);
            _users.Add(user, ++_version);
            return Change(PresenceChangeKind.Joined, member, user);
        }

        if (Find(user, member) is { } known)
        {
            if (member.Generation > known.Generation)
            {
                Replace(user, known, known with { Generation = member.Generation });
            }

            if (member.Generation >= known.Generation)
            {
                Place(member, node);
            }

            return null;
        }

        Place(member, node);
        Count++;
        _more ??= new Dictionary<string, List<RoomMember>>(StringComparer.Ordinal);
        if (!_more.TryGetValue(member.UserId, out List<RoomMember>? more))
        {
            _more.Add(member.UserId, more = new List<RoomMember>(1));
        }

        more.Add(member);
        _users.Touch(user, ++_version);
        return Change(PresenceChangeKind.Joined, member, user);
    }

    /// <summary>Removes a member; null when the client is none of this node's.</summary>
    public PresenceChange? Remove(RoomMember member, MemoryLink node)
    {
        if (_users.Find(member.UserId) is not { } user || NodeOf(member) != node || !IsStill(user, member))
        {
            return null;
        }

        _elsewhere?.Remove(member.ClientId);
        Count--;
        if (_more?.GetValueOrDefault(member.UserId) is not { } more)
        {
            _users.Remove(user, ++_version);
            _users.Forget(0, Math.Clamp(_users.Count, FewGone, MostGone));
            return Change(PresenceChangeKind.Left, member, user);
        }

        if (user.Member.ClientId == member.ClientId)
        {
            // Another one of the user takes its place. The metadata is the user's, and stays.
            user.Member = more[^1] with
            {
                Metadata = user.Member.Metadata,
            };
            more.RemoveAt(more.Count - 1);
        }
        else
        {
            more.RemoveAll(other => other.ClientId == member.ClientId);
        }

        if (more.Count == 0)
        {
            _more.Remove(member.UserId);
        }

        _users.Touch(user, ++_version);
        return Change(PresenceChangeKind.Left, member, user);
    }

    /// <summary>Shows other metadata about a member's user; null when the client is no member.</summary>
    public PresenceChange? Update(RoomMember member)
    {
        if (_users.Find(member.UserId) is not { } user || !IsStill(user, member))
        {
            return null;
        }

        user.Member = user.Member with { Metadata = member.Metadata };
        _users.Touch(user, ++_version);
        return Change(PresenceChangeKind.Updated, member, user);
    }

    public PresencePage Read(long after, int limit)
    {
        List<PresenceEntry> entries = [];
        bool hasMore = false;
        foreach (PresenceItem user in _users.After(after))
        {
            if (entries.Count == limit)
            {
                hasMore = true;
                break;
            }

            entries.Add(EntryOf(user));
        }

        return new PresencePage(_version, Count, _users.Count, entries, hasMore, Math.Max(_begin, _users.Forgotten));
    }

    private PresenceChange Change(PresenceChangeKind kind, RoomMember member, PresenceItem user) =>
        new(kind, member, EntryOf(user), Count, _users.Count);

    private PresenceEntry EntryOf(PresenceItem user)
    {
        int connections = user.IsGone ? 0 : 1 + (_more?.GetValueOrDefault(user.Key)?.Count ?? 0);
        return new PresenceEntry(user.Key, user.Member.Username, connections, user.Member.Metadata, user.Version);
    }

    /// <summary>Whether the client is a member, and not by a later generation.</summary>
    private bool IsStill(PresenceItem user, RoomMember member) => Find(user, member) is { } known && known.Generation <= member.Generation;

    /// <summary>The member of a client, as it is known.</summary>
    private RoomMember? Find(PresenceItem user, RoomMember member) =>
        user.Member.ClientId == member.ClientId
            ? user.Member
            : _more?.GetValueOrDefault(member.UserId)?.Find(other => other.ClientId == member.ClientId);

    private void Replace(PresenceItem user, RoomMember known, RoomMember member)
    {
        if (user.Member == known)
        {
            user.Member = member;
        }
        else if (_more?.GetValueOrDefault(member.UserId) is { } more)
        {
            more[more.IndexOf(known)] = member;
        }
    }

    private void Place(RoomMember member, MemoryLink node)
    {
        if (node != _home)
        {
            (_elsewhere ??= new Dictionary<string, MemoryLink>(StringComparer.Ordinal))[member.ClientId] = node;
        }
        else
        {
            _elsewhere?.Remove(member.ClientId);
        }
    }

    private MemoryLink NodeOf(RoomMember member) => _elsewhere?.GetValueOrDefault(member.ClientId) ?? _home!;
}
