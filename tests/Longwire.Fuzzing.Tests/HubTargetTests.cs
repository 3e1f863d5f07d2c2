namespace Longwire.Fuzzing.Tests;

/// <summary>The judge of the hub is judged: of a hub that is wrong in one way, each fault is found within a short run.</summary>
public sealed class HubTargetTests
{
    private const int MostRuns = 1_000;

    public static TheoryData<string> Faults => [.. Enum.GetNames<HubFault>().Where(static name => name != nameof(HubFault.None))];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_hub_is_found(string fault)
    {
        using var target = new HubTarget(Enum.Parse<HubFault>(fault));
        var random = new Random(1);
        for (int run = 0; run < MostRuns; run++)
        {
            try
            {
                target.Check(target.Generate(random));
            }
            catch (IllegalOutcomeException)
            {
                return;
            }
        }

        Assert.Fail($"{MostRuns} runs have not found it.");
    }

    // A session moves from one node to another and back while both are cut off at times: each node owes the engine a leave of its own.
    [Theory]
    [InlineData("3D461233FDAEC782F50F421C8AB5896F6D3B8A13525E3E2456B95AEBA21D0E094161")]
    // A node takes a session, freezes until the store has forgotten that, and hears of it when the session is back where it was.
    [InlineData("10D20006C5F10C8458736D98BA55855C9EFF")]
    // The engine loses the history that was read for a client before the client has it.
    [InlineData("006785CC88DAEA0042E665DF0000371D0431A268")]
    // A user leaves while a node that has not told yet that it came is cut off.
    [InlineData("000000008F0300005F2C00000000000005C600008A0000004DB3EE00772A")]
    // A node that is cut off is told late of what the engine has lost since.
    [InlineData("098A000000008A00F53A000000000000000000000000000000002A64")]
    // A page of a map is read, and lost, before the one who asked for it was told of what is in it.
    [InlineData("00009400106A8A6455F8AEE9EBE2E88E04B7DF6A8A64000034D88A64")]
    public void An_input_that_has_once_found_a_fault_finds_none(string input)
    {
        using var target = new HubTarget();
        target.Check(Convert.FromHexString(input));
    }

    // A judge that excuses most runs would find nothing in them.
    [Fact]
    public void Most_runs_lose_nothing_and_recover_something()
    {
        using var target = new HubTarget();
        var random = new Random(1);
        string[] outcomes = [.. Enumerable.Range(0, 300).Select(_ => target.Check(target.Generate(random)))];
        Assert.InRange(outcomes.Count(static outcome => outcome.EndsWith("lost 0", StringComparison.Ordinal)), 200, 299);
        Assert.InRange(outcomes.Count(static outcome => !outcome.StartsWith("recovered 0", StringComparison.Ordinal)), 150, 300);
    }
}
