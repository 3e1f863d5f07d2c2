namespace Longwire.Hubs.Specification;

/// <summary>The specification of every engine: tests by their names, each to be run in a world of its own.</summary>
public static class HubEngineSpecification
{
    /// <summary>The tests. Each throws when the engine does not do what it has to.</summary>
    public static IReadOnlyDictionary<string, Func<HubWorld, Task>> Tests { get; } =
        PublicationTests
            .All.Concat(IdempotencyTests.All)
            .Concat(MapTests.All)
            .Concat(PresenceTests.All)
            .Concat(UserTests.All)
            .Concat(SessionTests.All)
            .Concat(TroubleTests.All)
            .ToDictionary();
}
