using System.Runtime.InteropServices;

namespace Longwire.Hubs.Engines;

/// <summary>The members of one room. Its room's lock guards it.</summary>
internal sealed class MemoryPresence
{
    private readonly Dictionary<string, (RoomMember Member, MemoryLink Node)> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private long _version;

    public int Count => _members.Count;

    public IEnumerable<RoomMember> Members => _members.Values.Select(static entry => entry.Member);

    public IEnumerable<string> ClientsOf(MemoryLink node) => _members.Where(entry => entry.Value.Node == node).Select(entry => entry.Key);

    /// <summary>Adds a member; null when the client is one already, and has moved to this node.</summary>
    public PresenceChange? Add(RoomMember member, MemoryLink node)
    {
        bool isMember = _members.ContainsKey(member.ClientId);
        _members[member.ClientId] = (member, node);
        if (isMember)
        {
            return null;
        }

        int ofUser = CollectionsMarshal.GetValueRefOrAddDefault(_users, member.UserId, out _)++;
        return new PresenceChange(++_version, member, Joined: true, Count, IsFirstOrLastOfUser: ofUser == 0);
    }

    /// <summary>Removes a member; null when the client is none of this node's.</summary>
    public PresenceChange? Remove(string clientId, MemoryLink node)
    {
        if (!_members.TryGetValue(clientId, out (RoomMember Member, MemoryLink Node) entry) || entry.Node != node)
        {
            return null;
        }

        _members.Remove(clientId);
        string user = entry.Member.UserId;
        int ofUser = --CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        if (ofUser == 0)
        {
            _users.Remove(user);
        }

        return new PresenceChange(++_version, entry.Member, Joined: false, Count, IsFirstOrLastOfUser: ofUser == 0);
    }
}
