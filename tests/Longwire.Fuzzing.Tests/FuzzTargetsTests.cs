namespace Longwire.Fuzzing.Tests;

/// <summary>A short run of each target, the same inputs each time. Long runs are for <c>./fuzz</c>.</summary>
public sealed class FuzzTargetsTests
{
    [Theory]
    [InlineData("receiver", 600)]
    [InlineData("handshake", 10_000)]
    [InlineData("extensions", 5_000)]
    [InlineData("inflate", 3_000)]
    [InlineData("hub", 10_000)]
    [InlineData("hub-json", 150)]
    [InlineData("connection", 80)]
    [InlineData("ending", 4_000)]
    [InlineData("yjs", 5_000)]
    public void Every_outcome_is_legal(string target, int iterations)
    {
        var output = new StringWriter();
        var run = new FuzzRun(FuzzTargets.All[target], seed: 1, output, Path.Combine(Path.GetTempPath(), "longwire-fuzz"));
        run.Run(TimeSpan.FromMinutes(10), threads: 1, iterations);
        Assert.True(run.Findings.Count == 0, output.ToString());
        Assert.True(run.Executions == iterations, $"Only {run.Executions} of {iterations} were run in ten minutes");
        Assert.True(run.Outcomes >= 15, $"Only {run.Outcomes} kinds of outcome: the inputs have lost their point");
    }

    [Fact]
    public void Each_target_has_its_name() =>
        Assert.All(
            FuzzTargets.All,
            entry =>
            {
                using FuzzTarget target = entry.Value();
                Assert.Equal(entry.Key, target.Name);
            }
        );
}
