using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

/// <summary>Several nodes on one store, each with its link to it.</summary>
internal sealed class TestNodes : IAsyncDisposable
{
    private readonly HubTestClock _time = new();
    private readonly List<TestHub> _hubs = [];
    private readonly List<MemoryHubEngine> _links = [];

    private TestNodes() => Store = new MemoryHubStore(_time);

    public MemoryHubStore Store { get; }

    /// <summary>Starts nodes that keep 100 messages of each room.</summary>
    public static async Task<TestNodes> StartAsync(Action<LongwireHubOptions>? configure = null, int count = 2)
    {
        var nodes = new TestNodes();
        for (int index = 0; index < count; index++)
        {
            var link = new MemoryHubEngine(nodes.Store);
            nodes._links.Add(link);
            int number = index;
            nodes._hubs.Add(
                await TestHub.StartAsync(
                    options =>
                    {
                        options.Node = "node" + number;
                        options.Rooms.Default = new RoomOptions { HistorySize = 100 };
                        configure?.Invoke(options);
                    },
                    wrapEngine: _ => link
                )
            );
        }

        return nodes;
    }

    public TestHub this[int index] => _hubs[index];

    /// <summary>A node's link to what the nodes share.</summary>
    public MemoryHubEngine LinkOf(int index) => _links[index];

    /// <summary>The node is gone, as when its process is killed: nothing that it has or does counts any more.</summary>
    public void Kill(int index) => _links[index].Cut();

    /// <summary>Time passes on all nodes and in the store, second by second.</summary>
    public void Advance(TimeSpan by)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(1))
        {
            foreach (HubTestClock time in (HubTestClock[])[_time, .. _hubs.Select(static hub => hub.Time)])
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MemoryHubEngine link in _links)
        {
            link.Heal();
        }

        foreach (TestHub hub in _hubs)
        {
            await hub.DisposeAsync();
        }
    }
}
