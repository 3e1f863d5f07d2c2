using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>
/// The sessions of this node, by client id. In shards, so that connections which come at once seldom wait for each other, and without a
/// node for each, since there may be very many. Thread-safe.
/// </summary>
internal sealed class SessionTable
{
    private const int Shards = 64; // a power of two

    private readonly HashSet<HubSession>[] _shards =
    [
        .. Enumerable.Range(0, Shards).Select(static _ => new HashSet<HubSession>(new ById())),
    ];

    public bool TryAdd(HubSession session)
    {
        HashSet<HubSession> shard = ShardOf(session.ClientId);
        lock (shard)
        {
            Growth.MakeRoom(shard);
            return shard.Add(session);
        }
    }

    /// <summary>Adds a session in the place of one of the same id and an earlier generation. False when there is a later one.</summary>
    public bool TryReplace(HubSession session, out HubSession? former)
    {
        HashSet<HubSession> shard = ShardOf(session.ClientId);
        lock (shard)
        {
            if (shard.TryGetValue(session, out former) && former.Generation >= session.Generation)
            {
                former = null;
                return false;
            }

            shard.Remove(session);
            Growth.MakeRoom(shard);
            return shard.Add(session);
        }
    }

    /// <summary>Removes a session; another one of the same id stays.</summary>
    public void Remove(HubSession session)
    {
        HashSet<HubSession> shard = ShardOf(session.ClientId);
        lock (shard)
        {
            if (shard.TryGetValue(session, out HubSession? known) && known == session)
            {
                shard.Remove(session);
            }
        }
    }

    public bool TryFind(string clientId, [NotNullWhen(true)] out HubSession? session)
    {
        HashSet<HubSession> shard = ShardOf(clientId);
        lock (shard)
        {
            return shard.GetAlternateLookup<string>().TryGetValue(clientId, out session);
        }
    }

    /// <summary>Adds those that something holds for to a list; it is asked under a lock, and must return at once.</summary>
    public void Collect<TState>(Func<HubSession, TState, bool> holds, TState state, List<HubSession> found)
    {
        foreach (HashSet<HubSession> shard in _shards)
        {
            lock (shard)
            {
                foreach (HubSession session in shard)
                {
                    if (holds(session, state))
                    {
                        found.Add(session);
                    }
                }
            }
        }
    }

    /// <summary>All of them: a snapshot.</summary>
    public List<HubSession> ToList()
    {
        List<HubSession> sessions = [];
        Collect(static (_, _) => true, state: 0, sessions);
        return sessions;
    }

    private HashSet<HubSession> ShardOf(string clientId) =>
        _shards[(uint)string.GetHashCode(clientId, StringComparison.Ordinal) >> 8 & (Shards - 1)];

    /// <summary>A session is found by its id without holding that twice.</summary>
    private sealed class ById : IEqualityComparer<HubSession>, IAlternateEqualityComparer<string, HubSession>
    {
        public bool Equals(HubSession? x, HubSession? y) => x?.ClientId == y?.ClientId;

        public int GetHashCode(HubSession obj) => GetHashCode(obj.ClientId);

        public HubSession Create(string alternate) => throw new NotSupportedException("A session is added by itself.");

        public bool Equals(string alternate, HubSession other) => alternate == other.ClientId;

        public int GetHashCode(string alternate) => string.GetHashCode(alternate, StringComparison.Ordinal);
    }
}
