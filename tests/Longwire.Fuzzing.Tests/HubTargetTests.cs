namespace Longwire.Fuzzing.Tests;

/// <summary>
/// The judge of the hub is judged: of a hub that is wrong in one way, each fault is found within a short run, or by an input that is kept.
/// </summary>
public sealed class HubTargetTests
{
    private const int MostRuns = 1_000;

    public static TheoryData<string> Faults => [.. Enum.GetNames<HubFault>().Where(static name => name != nameof(HubFault.None))];

    public static TheoryData<string> FoundInputs =>
        [
            // A session moves from one node to another and back while both are cut off at times: each node owes the engine a leave of its own.
            "3D461233FDAEC782F50F421C8AB5896F6D3B8A13525E3E2456B95AEBA21D0E094161",
            // A node takes a session, freezes until the store has forgotten that, and hears of it when the session is back where it was.
            "10D20006C5F10C8458736D98BA55855C9EFF",
            // The engine loses the history that was read for a client before the client has it.
            "006785CC88DAEA0042E665DF0000371D0431A268",
            // A user leaves while a node that has not told yet that it came is cut off.
            "000000008F0300005F2C00000000000005C600008A0000004DB3EE00772A",
            // A node that is cut off is told late of what the engine has lost since.
            "098A000000008A00F53A000000000000000000000000000000002A64",
            // A page of a map is read, and lost, before the one who asked for it was told of what is in it.
            "00009400106A8A6455F8AEE9EBE2E88E04B7DF6A8A64000034D88A64",
            // A node takes a session twice, hears of the second time first, and of the first when the session has ended while it was cut off.
            "708EFC008580A120E408A214E02BF4676A71EA3426079C8F",
            // A client has joined where the engine's new sequence begins, and asks for the map before its node has left the old one.
            "00E8002033DE2D8C8A008A688400A464",
            // A map is read, for one who asks for it and for one who joins, while its node still reads what it missed.
            "0000EDE04B00544AA211704B2AA9EC6D",
            "690058B7A26438428C470DAB",
        ];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_hub_is_found(string fault)
    {
        using var target = new HubTarget(Enum.Parse<HubFault>(fault));
        var random = new Random(1);
        IEnumerable<byte[]> found = FoundInputs.Select(static row => Convert.FromHexString(row.Data));
        IEnumerable<byte[]> others = Enumerable.Range(0, MostRuns).Select(_ => target.Generate(random));
        foreach (byte[] input in others.Concat(found))
        {
            try
            {
                target.Check(input);
            }
            catch (IllegalOutcomeException)
            {
                return;
            }
        }

        Assert.Fail($"{MostRuns} runs, and the inputs that are kept, have not found it.");
    }

    [Theory]
    [MemberData(nameof(FoundInputs))]
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
