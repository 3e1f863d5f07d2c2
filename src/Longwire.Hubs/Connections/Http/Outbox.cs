namespace Longwire.Hubs;

/// <summary>
/// The messages that wait for a client that takes them by HTTP: bounded in bytes. Full, it drops what may be dropped, or takes nothing.
/// Thread-safe; one reader at a time.
/// </summary>
internal sealed class Outbox(int maxBytes)
{
    /// <summary>About the cost of a message beside its text, so that the number of short ones is bounded, too.</summary>
    private const int EntryCost = 64;

    private readonly Lock _gate = new();
    private readonly List<OutboxEntry> _entries = [];
    private TaskCompletionSource? _woken;
    private long _bytes;

    /// <summary>How much waits.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count == 0;
            }
        }
    }

    /// <summary>Adds a message. False when there is no room for it.</summary>
    public bool TryAdd(in OutboxEntry entry)
    {
        lock (_gate)
        {
            long tooMuch = _bytes + CostOf(entry) - maxBytes;
            if (tooMuch > 0 && !(entry.MakesRoom && TryMakeRoom(tooMuch, entry.ReplaceKey)))
            {
                return false;
            }

            _entries.Add(entry);
            _bytes += CostOf(entry);
        }

        Wake();
        return true;
    }

    /// <summary>Takes messages of so many bytes together, and one at least if there is one.</summary>
    public void Take(List<OutboxEntry> taken, int bytes)
    {
        lock (_gate)
        {
            int count = 0;
            while (count < _entries.Count && (count == 0 || _entries[count].Json.Length <= bytes))
            {
                OutboxEntry entry = _entries[count++];
                bytes -= entry.Json.Length;
                _bytes -= CostOf(entry);
                taken.Add(entry);
            }

            _entries.RemoveRange(0, count);
        }
    }

    /// <summary>Drops all, and takes nothing any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _entries.Clear();
            _bytes = maxBytes;
        }

        Wake();
    }

    /// <summary>
    /// Ends when a message is added, or something else calls <see cref="Wake"/>. A reader takes it before it looks, so that nothing which
    /// comes behind the look is missed, however many readers there are.
    /// </summary>
    public Task Woken
    {
        get
        {
            lock (_gate)
            {
                return (_woken ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Has all readers look again.</summary>
    public void Wake()
    {
        TaskCompletionSource? woken;
        lock (_gate)
        {
            woken = _woken;
            _woken = null;
        }

        woken?.SetResult();
    }

    /// <summary>Drops those with the key first, and then the oldest, as far as they may be dropped.</summary>
    private bool TryMakeRoom(long tooMuch, string? replaceKey)
    {
        if (replaceKey is not null)
        {
            tooMuch = Drop(tooMuch, replaceKey);
        }

        return Drop(tooMuch, key: null) <= 0;
    }

    private long Drop(long tooMuch, string? key)
    {
        int kept = 0;
        for (int index = 0; index < _entries.Count; index++)
        {
            OutboxEntry entry = _entries[index];
            if (tooMuch > 0 && entry.MakesRoom && (key is null || entry.ReplaceKey == key))
            {
                tooMuch -= CostOf(entry);
                _bytes -= CostOf(entry);
            }
            else
            {
                _entries[kept++] = entry;
            }
        }

        _entries.RemoveRange(kept, _entries.Count - kept);
        return tooMuch;
    }

    private static long CostOf(in OutboxEntry entry) => entry.Json.Length + EntryCost;
}
