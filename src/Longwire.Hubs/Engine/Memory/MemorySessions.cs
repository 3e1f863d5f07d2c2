namespace Longwire.Hubs.Engines;

/// <summary>The sessions of all nodes, as they were saved last. Thread-safe.</summary>
internal sealed class MemorySessions(MemoryHubStore store)
{
    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Saved> _sessions = new(StringComparer.Ordinal);
    private long _lastGeneration;
    private TimeSpan _sweepAt;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    public long Save(SessionRecord session, long generation, TimeSpan age, MemoryLink node)
    {
        lock (_gate)
        {
            if (Find(session.ClientId) is not { } known)
            {
                generation = generation == 0 ? 1 : NewGeneration(behind: generation);
            }
            else if (known.Generation > generation || known.Record is null || known.Node != node)
            {
                return 0;
            }

            _sessions[session.ClientId] = new Saved(session, generation, age, node)
            {
                FormerSecretUntil = store.Clock.After(session.FormerSecretAge),
                HeardAt = store.Clock.Now,
            };
            return generation;
        }
    }

    public TakenSession? Take(string clientId, SecretHash secret, MemoryLink node)
    {
        lock (_gate)
        {
            if (Find(clientId) is not { Record: { } record } known)
            {
                return null;
            }

            TimeSpan formerAge = known.FormerSecretUntil - store.Clock.Now;
            SecretHash? former = formerAge > TimeSpan.Zero ? record.FormerSecret : null;
            if (!secret.Matches(record.Secret) && former?.Matches(secret) != true)
            {
                return null;
            }

            record = record with { FormerSecret = former, FormerSecretAge = former is null ? TimeSpan.Zero : formerAge };
            string before = known.Node.Node.Id;
            long generation = NewGeneration(behind: known.Generation);
            _sessions[clientId] = known with { Generation = generation, Node = node, HeardAt = store.Clock.Now };
            return new TakenSession(record, generation, known.Generation, before);
        }
    }

    public string? FindNode(string clientId)
    {
        lock (_gate)
        {
            return Find(clientId) is { Record: not null } known ? known.Node.Node.Id : null;
        }
    }

    public void Remove(string clientId, long generation, MemoryLink node)
    {
        lock (_gate)
        {
            if (Find(clientId) is not { } known || known.Node != node || known.Generation != generation)
            {
                return;
            }

            if (generation == 1)
            {
                _sessions.Remove(clientId);
                return;
            }

            // A node that had it before must not bring it back: that it was removed is known for as long as that could happen.
            _sessions[clientId] = known with
            {
                Record = null,
                RemovedUntil = store.Clock.After(known.Age),
            };
        }
    }

    /// <summary>Forgets those whose time is up. Called before a node's lease begins anew, which must not bring them back.</summary>
    /// <param name="now">Whether to do it now, however long ago it was done.</param>
    public void Sweep(bool now)
    {
        lock (_gate)
        {
            if (!now && store.Clock.Now < _sweepAt)
            {
                return;
            }

            _sweepAt = store.Clock.After(_sweepEvery);
            foreach ((string clientId, Saved session) in _sessions)
            {
                if (IsOver(session))
                {
                    // A dictionary may be removed from while it is read.
                    _sessions.Remove(clientId);
                }
            }
        }
    }

    /// <summary>By the date, so that it is greater than those of sessions that were forgotten.</summary>
    private long NewGeneration(long behind) => _lastGeneration = Math.Max(Math.Max(_lastGeneration, behind) + 1, store.Versions.New());

    private Saved? Find(string clientId) => _sessions.TryGetValue(clientId, out Saved? session) && !IsOver(session) ? session : null;

    private bool IsOver(Saved session)
    {
        // A node that was frozen or cut off may save before it renews its lease.
        TimeSpan livedUntil = TimeSpan.FromTicks(Math.Max(store.LeaseOf(session.Node).Ticks, session.HeardAt.Ticks));
        TimeSpan until =
            session.Record is null ? session.RemovedUntil
            : session.Age < MonotonicClock.Never - livedUntil ? livedUntil + session.Age
            : MonotonicClock.Never;
        return until <= store.Clock.Now;
    }

    /// <summary>A session; without a record one that was removed.</summary>
    private sealed record Saved(SessionRecord? Record, long Generation, TimeSpan Age, MemoryLink Node)
    {
        /// <summary>When its node saved or took it last.</summary>
        public TimeSpan HeardAt { get; init; }

        public TimeSpan FormerSecretUntil { get; init; }

        public TimeSpan RemovedUntil { get; init; }
    }
}
