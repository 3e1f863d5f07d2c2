using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

/// <summary>Two nodes on one store, whose rooms have maps that all may change; publications come from the first node.</summary>
internal sealed class SequenceWorld : IAsyncDisposable
{
    public required MemoryHubStore Store { get; init; }

    public required MemoryHubEngine Link { get; init; }

    public TestHub One { get; private set; } = null!;

    public TestHub Two { get; private set; } = null!;

    public static async Task<SequenceWorld> StartAsync(int historySize, Func<IHubEngine, IHubEngine>? wrap = null)
    {
        var time = new HubTestClock();
        var store = new MemoryHubStore(time);
        var world = new SequenceWorld { Store = store, Link = new MemoryHubEngine(store) };
        world.One = await TestHub.StartAsync(options => Configure(options, "one"), wrapEngine: _ => new MemoryHubEngine(store));
        world.Two = await TestHub.StartAsync(options => Configure(options, "two"), wrapEngine: _ => wrap?.Invoke(world.Link) ?? world.Link);
        world._times = [time];
        return world;

        void Configure(LongwireHubOptions options, string node)
        {
            options.Node = node;
            options.Rooms.Default!.HistorySize = historySize;
            options.Rooms.Default.MapKeys = 100;
            options.Rooms.Default.MayPut = static (_, _, _) => true;
        }
    }

    private HubTestClock[] _times = [];

    public async Task PublishAsync(params int[] contents)
    {
        foreach (int content in contents)
        {
            await One.Hub.PublishAsync(
                "general",
                System.Text.Encoding.UTF8.GetBytes(content.ToString(System.Globalization.CultureInfo.InvariantCulture))
            );
        }
    }

    /// <summary>The engine was away for the second node for a moment.</summary>
    public void ComeBack()
    {
        Link.Cut();
        Link.Heal();
    }

    /// <summary>Time passes on both nodes and in the store, second by second.</summary>
    public void Advance(TimeSpan by)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(1))
        {
            foreach (HubTestClock time in (HubTestClock[])[.. _times, One.Time, Two.Time])
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Two.DisposeAsync();
        await One.DisposeAsync();
    }
}
