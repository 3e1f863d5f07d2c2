namespace Longwire.Transport.Linux;

/// <summary>
/// Work from any thread to one loop, without a lock: producers push onto a chain with one compare-and-swap, the loop takes the whole
/// chain with one exchange and turns it round. Nothing is taken off singly, so a link can't be mistaken for an earlier one (no ABA).
/// </summary>
internal sealed class WorkQueue
{
    private LoopWorkItem? _newest;

    /// <summary>True where nothing waits. Exact for the loop only if a full fence separates it from what it told the producers.</summary>
    public bool IsEmpty => Volatile.Read(ref _newest) is null;

    public void Push(LoopWorkItem item)
    {
        LoopWorkItem? newest = Volatile.Read(ref _newest);
        while (true)
        {
            item.NextItem = newest;
            LoopWorkItem? seen = Interlocked.CompareExchange(ref _newest, item, newest);
            if (ReferenceEquals(seen, newest))
            {
                return;
            }

            newest = seen;
        }
    }

    /// <summary>Everything that was pushed so far, oldest first, chained by <see cref="LoopWorkItem.NextItem"/>.</summary>
    public LoopWorkItem? TakeAll()
    {
        if (IsEmpty)
        {
            return null;
        }

        LoopWorkItem? item = Interlocked.Exchange(ref _newest, null);
        LoopWorkItem? oldest = null;
        while (item is not null)
        {
            LoopWorkItem? older = item.NextItem;
            item.NextItem = oldest;
            oldest = item;
            item = older;
        }

        return oldest;
    }
}
