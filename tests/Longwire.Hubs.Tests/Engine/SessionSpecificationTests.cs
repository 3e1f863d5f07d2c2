using Longwire.Hubs.Specification;

namespace Longwire.Hubs.Tests;

/// <summary>The judge is judged: what the specification says of sessions finds engines that are wrong about them.</summary>
public sealed class SessionSpecificationTests
{
    public static TheoryData<SessionFault> Faults => [.. Enum.GetValues<SessionFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_planted_fault_is_found(SessionFault fault)
    {
        List<string> found = [];
        foreach ((string name, Func<HubWorld, Task> test) in HubEngineSpecification.Tests)
        {
            if (!name.Contains("session", StringComparison.Ordinal) && !name.Contains("question", StringComparison.Ordinal))
            {
                continue;
            }

            await using var world = new FaultySessionWorld(fault);
            try
            {
                await test(world);
            }
            catch (SpecificationException exception)
            {
                found.Add($"{name}: {exception.Message}");
            }
        }

        Assert.True(found.Count == 0 == (fault == SessionFault.None), string.Join('\n', found));
    }
}
