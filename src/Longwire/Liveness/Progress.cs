namespace Longwire;

/// <summary>
/// Bytes that wait for the peer, or that the peer has begun to send, must go on at a least rate, and count against the process's memory
/// budget. A check finds such a wait when it has lasted a while, so what leaves or arrives at once costs a look at a flag. Guarded by the
/// connection's send lock. Mutable: keep it in a field, don't copy it.
/// </summary>
internal struct Progress
{
    private const long FirstLookMilliseconds = 2000;
    private const long LookMilliseconds = 1000;

    // A slow peer gets pieces that it takes within the time that they buy.
    private const int SlowSliceBytes = 8 << 10;

    private ProgressWatch? _watch;
    private uint _arrived; // grows with what arrives of the message that has begun; 0 for none

    /// <summary>Whether checks come every second.</summary>
    public bool IsWatching { get; set; }

    /// <summary>Whether a message has begun to arrive.</summary>
    public readonly bool IsArriving => _arrived != 0;

    /// <summary>When the peer was last seen to take something of what waits; 0 where that isn't watched.</summary>
    public readonly long LastTaken => _watch is { Sending: { IsRunning: true } sending } ? sending.LastProgress : 0;

    /// <summary>How much is given to the transport at a time.</summary>
    public readonly int SliceBytes => _watch is { IsSlow: true } ? SlowSliceBytes : SendQueue.SliceBytes;

    /// <summary>When to check next, where checks come at all.</summary>
    public readonly long Next(long now) => IsWatching ? now + (_watch is null ? FirstLookMilliseconds : LookMilliseconds) : long.MaxValue;

    /// <summary>Notes how much has arrived of the message that has begun; 0 for none.</summary>
    /// <returns>Whether more arrived than before, or another message.</returns>
    public bool NoteArrived(uint arrived, MemoryBudget budget)
    {
        bool changed = arrived != _arrived;
        // Less than before belongs to another message, which has time of its own.
        if (arrived < _arrived)
        {
            _watch?.Arriving.Stop();
        }

        _arrived = arrived;
        if (arrived == 0)
        {
            DropUnfinished(budget);
        }

        return changed;
    }

    /// <summary>Counts the memory that the unfinished message takes.</summary>
    public void CountUnfinished(WebSocketConnection connection, int heldBytes)
    {
        if (heldBytes < MemoryBudget.StepBytes && _watch is not { Unfinished: not null })
        {
            return;
        }

        _watch ??= new ProgressWatch();
        MemoryShare share = _watch.Unfinished ??= new MemoryShare(connection);
        share.NoteProgress(_arrived);
        Count(share, heldBytes, connection.Options.MemoryBudget);
    }

    /// <summary>The unfinished message is given up.</summary>
    public readonly void DropUnfinished(MemoryBudget budget)
    {
        if (_watch is { Unfinished: { } unfinished })
        {
            Count(unfinished, 0, budget);
        }
    }

    /// <summary>Counts the memory that waiting messages take, whenever it has changed.</summary>
    public void CountWaiting(WebSocketConnection connection, long heldBytes)
    {
        if (heldBytes < MemoryBudget.StepBytes && _watch is not { Waiting: not null })
        {
            return;
        }

        _watch ??= new ProgressWatch();
        MemoryShare share = _watch.Waiting ??= new MemoryShare(connection);
        if (share.CountedBytes == 0)
        {
            share.Begin(heldBytes);
        }

        Count(share, heldBytes, connection.Options.MemoryBudget);
    }

    /// <summary>All that waited has left: bytes that wait from now on have time of their own.</summary>
    public readonly void NoteAllLeft() => _watch?.Sending.Stop();

    /// <summary>Another part has left, and the next is on its way.</summary>
    public readonly void NoteFlush(int bytes)
    {
        if (_watch is { } watch)
        {
            watch.FlushedBytes += watch.FlushBytes;
            watch.FlushBytes = bytes;
        }
    }

    /// <summary>Judges how fast bytes go on.</summary>
    /// <param name="facts">The facts about the connection.</param>
    /// <param name="now">The time.</param>
    /// <param name="isTaking">Whether the peer has to take bytes, and had to at the check before.</param>
    /// <returns>False when they go on too slowly.</returns>
    public bool Check(in ProgressFacts facts, long now, out bool isTaking)
    {
        long taken = 0;
        long waiting = 0;
        bool known = (facts.IsLeaving || facts.IsCloseSent) && facts.Transport.TryGetPeerProgress(out taken, out waiting);
        // Bytes that the kernel still has count while this side closes: its Close frame is behind it.
        bool isSending = facts.IsLeaving || (facts.IsCloseSent && waiting != 0);
        bool isArriving = _arrived != 0 && facts.MayArrive;
        isTaking = isSending && _watch is { Sending.IsRunning: true };
        if (!isSending && !isArriving && _arrived == 0 && _watch is null or { HoldsMemory: false })
        {
            _watch = null;
            IsWatching = facts.IsClosing;
            return true;
        }

        ProgressWatch watch = _watch ??= new ProgressWatch();
        bool isFast = true;
        if (isSending)
        {
            isFast = CheckSending(watch, known ? taken : watch.FlushedBytes, known, facts.MinDataRate, now);
        }
        else
        {
            watch.Sending.Stop();
        }

        if (isArriving)
        {
            isFast &= CheckArriving(watch, facts.MinDataRate, now);
        }
        else
        {
            watch.Arriving.Stop();
        }

        return isFast;
    }

    private static bool CheckSending(ProgressWatch watch, long position, bool known, int minDataRate, long now)
    {
        if (!watch.Sending.IsRunning)
        {
            // A transport that shows progress by whole flushes only gets the time that the largest takes.
            watch.Sending.Start(position, now, known ? DataRateMeter.GraceMilliseconds : DataRateMeter.MostCreditMilliseconds);
            return true;
        }

        long before = watch.Sending.LastProgress;
        bool isFast = watch.Sending.Observe(position, now, minDataRate);
        watch.IsSlow = !known && watch.Sending.LastProgress == before;
        watch.Waiting?.NoteProgress(watch.Sending.Progress);
        return isFast;
    }

    private readonly bool CheckArriving(ProgressWatch watch, int minDataRate, long now)
    {
        if (!watch.Arriving.IsRunning)
        {
            watch.Arriving.Start(_arrived, now);
            return true;
        }

        return watch.Arriving.Observe(_arrived, now, minDataRate);
    }

    private static void Count(MemoryShare share, long heldBytes, MemoryBudget budget)
    {
        long counted = heldBytes - (heldBytes % MemoryBudget.StepBytes);
        if (counted != share.CountedBytes)
        {
            share.CountedBytes = counted;
            budget.Set(share, counted);
        }
    }
}
