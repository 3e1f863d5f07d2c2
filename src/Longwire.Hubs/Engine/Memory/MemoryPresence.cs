namespace Longwire.Hubs.Engines;

/// <summary>
/// The members of one room. There may be very many, so that each is held once by its client and once for its user, and what most have not is
/// held apart. Its room's lock guards it.
/// </summary>
internal sealed class MemoryPresence
{
    private static readonly ByName _byClient = new(static member => member.ClientId);
    private static readonly ByName _byUser = new(static member => member.UserId);

    private readonly HashSet<RoomMember> _members = new(_byClient);

    /// <summary>One member of each user.</summary>
    private readonly HashSet<RoomMember> _users = new(_byUser);

    /// <summary>How many more members a user has.</summary>
    private Dictionary<string, int>? _more;

    /// <summary>The node of the first member, and those of the clients that are on another one.</summary>
    private MemoryLink? _home;
    private Dictionary<string, MemoryLink>? _elsewhere;
    private long _version;

    public int Count => _members.Count;

    public IEnumerable<RoomMember> Members => _members;

    public IEnumerable<string> ClientsOf(MemoryLink node) =>
        _members.Select(static member => member.ClientId).Where(clientId => NodeOf(clientId) == node);

    /// <summary>Adds a member; null when the client is one already, and has moved to this node.</summary>
    public PresenceChange? Add(RoomMember member, MemoryLink node)
    {
        RoomMember? former = Find(_members, member.ClientId);
        if (former is not null)
        {
            Remove(former);
        }

        Place(member.ClientId, node);
        _members.Add(member);
        bool isFirst = _users.Add(member);
        if (!isFirst)
        {
            _more ??= new Dictionary<string, int>(StringComparer.Ordinal);
            _more[member.UserId] = _more.GetValueOrDefault(member.UserId) + 1;
        }

        return former is not null ? null : new PresenceChange(++_version, member, Joined: true, Count, isFirst);
    }

    /// <summary>Removes a member; null when the client is none of this node's.</summary>
    public PresenceChange? Remove(string clientId, MemoryLink node)
    {
        if (Find(_members, clientId) is not { } member || NodeOf(clientId) != node)
        {
            return null;
        }

        bool isLast = Remove(member);
        return new PresenceChange(++_version, member, Joined: false, Count, isLast);
    }

    /// <summary>Returns whether the member was the last of its user.</summary>
    private bool Remove(RoomMember member)
    {
        _members.Remove(member);
        _elsewhere?.Remove(member.ClientId);
        if (_more?.GetValueOrDefault(member.UserId) is not (> 0 and var more))
        {
            _users.Remove(member);
            return true;
        }

        if (more == 1)
        {
            _more.Remove(member.UserId);
        }
        else
        {
            _more[member.UserId] = more - 1;
        }

        return false;
    }

    private void Place(string clientId, MemoryLink node)
    {
        _home ??= node;
        if (node != _home)
        {
            (_elsewhere ??= new Dictionary<string, MemoryLink>(StringComparer.Ordinal))[clientId] = node;
        }
    }

    private MemoryLink NodeOf(string clientId) => _elsewhere?.GetValueOrDefault(clientId) ?? _home!;

    private static RoomMember? Find(HashSet<RoomMember> members, string name) =>
        members.GetAlternateLookup<string>().TryGetValue(name, out RoomMember? member) ? member : null;

    /// <summary>A member is found by one of its names without holding that twice.</summary>
    private sealed class ByName(Func<RoomMember, string> nameOf)
        : IEqualityComparer<RoomMember>,
            IAlternateEqualityComparer<string, RoomMember>
    {
        public bool Equals(RoomMember? x, RoomMember? y) => x is not null && y is not null && nameOf(x) == nameOf(y);

        public int GetHashCode(RoomMember obj) => nameOf(obj).GetHashCode(StringComparison.Ordinal);

        public RoomMember Create(string alternate) => throw new NotSupportedException("A member is added by itself.");

        public bool Equals(string alternate, RoomMember other) => alternate == nameOf(other);

        public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);
    }
}
