namespace Longwire.Fuzzing;

/// <content>Nodes that start, and that are killed.</content>
internal sealed partial class HubRun
{
    private async Task<(HubRunEngine Engine, Hub Hub)> StartNodeAsync(string name)
    {
        var engine = new HubRunEngine(_store, _model, _fault);
        var hub = new Hub(
            new LongwireHubOptions
            {
                Node = name,
                TimeProvider = _time,
                RateLimit = null,
                ByteRate = null,
                MaxHistoryMessages = Recoverable,
                MaxPresenceMembers = 2,
                FillRandom = new Random(name.Sum(static letter => letter)).NextBytes,
                Rooms =
                {
                    Default = new RoomOptions
                    {
                        HistorySize = HistorySize,
                        HistoryAge = TimeSpan.FromDays(1),
                        AnnouncedMembers = 0,
                        MapKeys = HubModel.MostKeys,
                        MapChanges = HistorySize,
                        MapChangeAge = TimeSpan.FromDays(1),
                        MayPut = static (_, _, _) => true,
                        MayUpdatePresence = true,
                        HasReadMarkers = true,
                        LoadState = (_, room, _, _) => engine.LoadAsync(room),
                    },
                },
            },
            engine: engine,
            loggerFactory: _log
        );
        await hub.StartAsync();
        return (engine, hub);
    }

    /// <summary>A node's process is killed, and another one takes its place, which knows nothing.</summary>
    private void Restart(int index)
    {
        (HubRunEngine Engine, Hub Hub) killed = _nodes[index];
        killed.Engine.Cut();
        _killed.Add(killed);
        foreach ((HubRunClient client, int node) in _clients)
        {
            if (node == index)
            {
                client.Disconnect();
            }
        }

        _unnoticed.RemoveAll(entry => entry.Hub == killed.Hub);
        _nodes[index] = StartNodeAsync($"{(char)('a' + _killed.Count)}").GetAwaiter().GetResult();
    }
}
