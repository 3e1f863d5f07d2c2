namespace Longwire.Fuzzing.Tests;

/// <summary>The judge of ends is judged: on a wire that is faulty in one way, each fault is found within a short run.</summary>
public sealed class EndingTargetTests
{
    public static TheoryData<string> Faults => [.. Enum.GetNames<EndingFault>().Where(static name => name != nameof(EndingFault.None))];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_wire_is_found(string fault)
    {
        var run = new FuzzRun(
            () => new EndingTarget(Enum.Parse<EndingFault>(fault)),
            seed: 1,
            TextWriter.Null,
            Path.Combine(Path.GetTempPath(), "longwire-fuzz-" + fault)
        );
        run.Run(TimeSpan.FromMinutes(10), threads: 1, iterations: 300);
        Assert.NotEmpty(run.Findings);
    }

    // A judge that excuses most runs would find nothing in them.
    [Fact]
    public void Most_runs_are_judged_strictly()
    {
        using var target = new EndingTarget();
        var random = new Random(1);
        int strict = Enumerable
            .Range(0, 300)
            .Count(_ => !target.Check(target.Generate(random)).Contains(EndingRun.Excused, StringComparison.Ordinal));
        Assert.InRange(strict, 200, 300);
    }
}
