using Longwire.Hubs.Specification;

namespace Longwire.Hubs.Tests;

/// <summary>A world of the memory engine, but for one fault about sessions.</summary>
internal sealed class FaultySessionWorld(SessionFault fault) : HubWorld
{
    private readonly MemoryWorld _inner = new();
    private readonly FaultySessionEngine.Known _known = new();

    public override DateTimeOffset Date => _inner.Date;

    public override async ValueTask<IHubEngine> CreateEngineAsync(string name)
    {
        var engine = new FaultySessionEngine(await _inner.CreateEngineAsync(name), fault, _known);
        _known.Engines.Add(engine);
        return engine;
    }

    public override ValueTask CutAsync(IHubEngine engine) => _inner.CutAsync(((FaultySessionEngine)engine).Inner);

    public override ValueTask FreezeAsync(IHubEngine engine) => _inner.FreezeAsync(((FaultySessionEngine)engine).Inner);

    public override ValueTask HealAsync(IHubEngine engine) => _inner.HealAsync(((FaultySessionEngine)engine).Inner);

    public override ValueTask LoseNewestAsync(int publications) => _inner.LoseNewestAsync(publications);

    public override ValueTask PassAsync(TimeSpan time)
    {
        _known.Passed += time;
        return _inner.PassAsync(time);
    }
}
