namespace Longwire.Hubs;

/// <summary>
/// Tells the engine that this node lives, so that its members stay. When the engine took it for dead meanwhile, or was away, it adds all of
/// them again.
/// </summary>
internal sealed class NodeLease(NodeContext node, Func<IEnumerable<HubSession>> sessions)
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private TimeSpan _renewAt;
    private bool _isLate;

    /// <summary>The hub's clock calls this every second; returns at once.</summary>
    public void OnClock(TimeSpan now)
    {
        if (now >= _renewAt)
        {
            _renewAt = now + _heartbeat;
            _ = RenewAsync();
        }
    }

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
                _isLate = true;
                await AddAgainAsync().ConfigureAwait(false);
                _isLate = false;
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

    private async Task AddAgainAsync()
    {
        foreach (
            IGrouping<string, RoomMember> room in sessions()
                .SelectMany(static session => session.Presences())
                .GroupBy(static presence => presence.Room, static presence => presence.Member, StringComparer.Ordinal)
        )
        {
            await node.Engine.Presence.AddAsync(room.Key, [.. room], node.Stopping).ConfigureAwait(false);
        }
    }
}
