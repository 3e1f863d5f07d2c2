namespace Longwire.Hubs.Engines;

/// <summary>
/// The members of one room. There may be very many, and most users are members once, so that a member is held once, by its user, and what
/// most have not is held apart. Its room's lock guards it.
/// </summary>
internal sealed class MemoryPresence
{
    private static readonly ByUser _byUser = new();

    /// <summary>One member of each user.</summary>
    private readonly HashSet<RoomMember> _users = new(_byUser);

    /// <summary>The further members of users who have more than one.</summary>
    private Dictionary<string, List<RoomMember>>? _more;

    /// <summary>The node of the first member, and those of the clients that are on another one.</summary>
    private MemoryLink? _home;
    private Dictionary<string, MemoryLink>? _elsewhere;
    private long _version;

    public int Count { get; private set; }

    public IEnumerable<RoomMember> Members => _more is null ? _users : _users.Concat(_more.Values.SelectMany(static more => more));

    public IEnumerable<RoomMember> MembersOf(MemoryLink node) => Members.Where(member => NodeOf(member) == node);

    /// <summary>Adds a member; null when the client is one already, and has moved to this node.</summary>
    public PresenceChange? Add(RoomMember member, MemoryLink node)
    {
        bool isMember = TryRemove(member);
        Place(member, node);
        Count++;
        Growth.MakeRoom(_users);
        bool isFirst = _users.Add(member);
        if (!isFirst)
        {
            _more ??= new Dictionary<string, List<RoomMember>>(StringComparer.Ordinal);
            if (!_more.TryGetValue(member.UserId, out List<RoomMember>? more))
            {
                _more.Add(member.UserId, more = new List<RoomMember>(1));
            }

            more.Add(member);
        }

        return isMember ? null : new PresenceChange(++_version, member, Joined: true, Count, isFirst);
    }

    /// <summary>Removes a member; null when the client is none of this node's.</summary>
    public PresenceChange? Remove(RoomMember member, MemoryLink node) =>
        NodeOf(member) == node && TryRemove(member)
            ? new PresenceChange(++_version, member, Joined: false, Count, IsFirstOrLastOfUser: !_users.Contains(member))
            : null;

    private bool TryRemove(RoomMember member)
    {
        if (!_users.TryGetValue(member, out RoomMember? first))
        {
            return false;
        }

        List<RoomMember>? more = _more?.GetValueOrDefault(member.UserId);
        if (first.ClientId == member.ClientId)
        {
            _users.Remove(first);
            if (more is not null)
            {
                // Another one of the user takes its place.
                _users.Add(more[^1]);
                more.RemoveAt(more.Count - 1);
            }
        }
        else if (more is null || more.RemoveAll(other => other.ClientId == member.ClientId) == 0)
        {
            return false;
        }

        if (more is { Count: 0 })
        {
            _more!.Remove(member.UserId);
        }

        _elsewhere?.Remove(member.ClientId);
        Count--;
        return true;
    }

    private void Place(RoomMember member, MemoryLink node)
    {
        _home ??= node;
        if (node != _home)
        {
            (_elsewhere ??= new Dictionary<string, MemoryLink>(StringComparer.Ordinal))[member.ClientId] = node;
        }
    }

    private MemoryLink NodeOf(RoomMember member) => _elsewhere?.GetValueOrDefault(member.ClientId) ?? _home!;

    private sealed class ByUser : IEqualityComparer<RoomMember>
    {
        public bool Equals(RoomMember? x, RoomMember? y) => x?.UserId == y?.UserId;

        public int GetHashCode(RoomMember obj) => obj.UserId.GetHashCode(StringComparison.Ordinal);
    }
}
