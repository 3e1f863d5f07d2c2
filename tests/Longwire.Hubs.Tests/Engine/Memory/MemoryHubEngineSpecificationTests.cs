using Longwire.Hubs.Specification;

namespace Longwire.Hubs.Tests;

public sealed class MemoryHubEngineSpecificationTests
{
    public static TheoryData<string> Tests => [.. HubEngineSpecification.Tests.Keys];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task The_memory_engine_does_what_every_engine_has_to(string test)
    {
        await using var world = new MemoryWorld();
        await HubEngineSpecification.Tests[test](world);
    }
}
