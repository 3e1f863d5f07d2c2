using Longwire.Hubs.Specification;
using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

/// <summary>Nodes of one process on one store.</summary>
internal sealed class MemoryWorld : HubWorld
{
    private readonly HubTestClock _time = new();
    private readonly MemoryHubStore _store;

    public MemoryWorld() => _store = new MemoryHubStore(_time);

    public override ValueTask<IHubEngine> CreateEngineAsync(string name) => new(new MemoryHubEngine(_store));

    public override ValueTask CutAsync(IHubEngine engine)
    {
        ((MemoryHubEngine)engine).Cut();
        return default;
    }

    public override ValueTask FreezeAsync(IHubEngine engine)
    {
        ((MemoryHubEngine)engine).Freeze();
        return default;
    }

    public override ValueTask HealAsync(IHubEngine engine)
    {
        ((MemoryHubEngine)engine).Heal();
        return default;
    }

    public override ValueTask LoseNewestAsync(int publications)
    {
        _store.LoseNewest(publications);
        return default;
    }

    public override DateTimeOffset Date => _time.GetUtcNow();

    public override ValueTask PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return default;
    }
}
