namespace Longwire.Hubs.Engines;

/// <summary>The bans and revocations of all nodes, until they end. Thread-safe.</summary>
internal sealed class MemoryBlocks(TimeProvider time)
{
    private const int VersionsPerMillisecond = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(AccessBlockKind Kind, string Name), (AccessBlock Block, DateTimeOffset ForgetAt)> _blocks = [];
    private long _lastVersion;

    /// <summary>Keeps a block, and tells nodes, in the order of the versions.</summary>
    public AccessBlock Add(AccessBlock block, MemoryLink[] nodes)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            (AccessBlockKind, string) key = (block.Kind, block.Name);
            bool isKnown = _blocks.TryGetValue(key, out (AccessBlock Block, DateTimeOffset ForgetAt) known);
            if (!isKnown && _blocks.Count == IUserStore.MaxBlocks && !TryMakeRoom(now))
            {
                throw new InvalidOperationException(
                    $"{IUserStore.MaxBlocks:N0} bans and revocations are kept already. Lift some, or let them end earlier."
                );
            }

            _lastVersion = Math.Max(_lastVersion + 1, now.ToUnixTimeMilliseconds() * VersionsPerMillisecond);
            block = block with { Version = _lastVersion };
            _blocks[key] = (block, isKnown && block.Until <= now && known.ForgetAt > now ? known.ForgetAt : block.Until);
            foreach (MemoryLink node in nodes)
            {
                node.Tell(block);
            }

            return block;
        }
    }

    public IReadOnlyList<AccessBlock> Read(long after, int limit)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            return
            [
                .. _blocks
                    .Values.Where(kept => kept.Block.Version > after && kept.ForgetAt > now)
                    .Select(static kept => kept.Block)
                    .OrderBy(static block => block.Version)
                    .Take(limit),
            ];
        }
    }

    private bool TryMakeRoom(DateTimeOffset now)
    {
        foreach (((AccessBlockKind, string) key, (AccessBlock _, DateTimeOffset forgetAt)) in _blocks)
        {
            if (forgetAt <= now)
            {
                // A dictionary may be removed from while it is read.
                _blocks.Remove(key);
            }
        }

        return _blocks.Count < IUserStore.MaxBlocks;
    }
}
