namespace Longwire.Hubs;

/// <summary>
/// Tells the engine that this node lives, so that its members stay. When the engine took it for dead meanwhile, or was away, it has all of
/// them added again.
/// </summary>
internal sealed class NodeLease(NodeContext node, IEnumerable<HubSession> sessions)
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private TimeSpan _renewAt;
    private volatile bool _isLate;

    /// <summary>The hub's clock calls this every second; returns at once.</summary>
    public void OnClock(TimeSpan now)
    {
        if (now >= _renewAt)
        {
            _renewAt = now + _heartbeat;
            _ = RenewAsync();
        }
    }

    /// <summary>A session could not add its members again: the next heartbeat has all of them do it.</summary>
    public void OnAddingFailed() => _isLate = true;

    /// <summary>Renews the lease now. Never throws: when it fails, the next heartbeat does it.</summary>
    public async Task RenewAsync()
    {
        // Only one at a time, and none behind one that hangs.
        if (!await _turn.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            // The members stay for as long as those of a lost connection do.
            TimeSpan grace = node.Settings.PresenceGrace;
            TimeSpan duration = grace > _shortest ? grace : _shortest;
            bool wasAlive = await node.Engine.Presence.RenewLeaseAsync(duration, node.Stopping).ConfigureAwait(false);
            if (!wasAlive || _isLate)
            {
                _isLate = false;
                AddAgain();
            }
        }
        catch (Exception exception)
        {
            if (!node.IsStopping && !_isLate)
            {
                node.Log.EngineUnavailable(exception, "lease");
            }

            _isLate = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Each session does it in its turn, so that it can't cross with a join or a leave of the session's own. When one of them fails, the
    /// next heartbeat has all of them do it again.
    /// </summary>
    private void AddAgain()
    {
        foreach (HubSession session in sessions)
        {
            session.Post(new SessionEvent(SessionEventKind.AddAgain));
        }
    }
}
