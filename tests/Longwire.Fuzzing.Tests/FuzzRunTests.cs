namespace Longwire.Fuzzing.Tests;

/// <summary>The fuzzer finds what is there to be found, makes it small, and finds it again from its file.</summary>
public sealed class FuzzRunTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "longwire-fuzz-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_fault_is_found_made_small_and_written_down()
    {
        var output = new StringWriter();
        var run = new FuzzRun(() => new FaultyTarget(), seed: 7, output, _folder);
        run.Run(TimeSpan.FromMinutes(10), threads: 1, iterations: 20_000);
        Finding finding = Assert.Single(run.Findings);
        Assert.Equal([0xBA, 0xD0], finding.Input);
        string file = Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal(finding.Input, Finding.ReadInput(file));
        Assert.Contains("target faulty, seed 7, thread 0, iteration ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("BAD0", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_assertion_that_fails_on_another_thread_is_a_finding()
    {
        var assertions = new AssertionListener();
        var run = new FuzzRun(() => new AssertingTarget(assertions), seed: 1, TextWriter.Null, _folder, assertions);
        run.Run(TimeSpan.FromMinutes(10), threads: 1, iterations: 3);
        Assert.Contains("Nothing is queued", Assert.Single(run.Findings).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        string First()
        {
            var run = new FuzzRun(() => new FaultyTarget(), seed: 3, TextWriter.Null, _folder);
            run.Run(TimeSpan.FromMinutes(10), threads: 1, iterations: 20_000);
            return Assert.Single(run.Findings).Headline;
        }

        Assert.Equal(First(), First());
    }

    [Theory]
    [InlineData("receiver --seconds 5 --seed 3 --threads 2", true)]
    [InlineData("all --seconds 5", true)]
    [InlineData("hub --replay file.hex", true)]
    [InlineData("all --replay file.hex", false)]
    [InlineData("receiver", false)]
    [InlineData("nothing --seconds 5", false)]
    [InlineData("receiver --seconds 0", false)]
    [InlineData("receiver --seconds", false)]
    [InlineData("", false)]
    public void The_command_line_is_understood(string line, bool right)
    {
        FuzzOptions? options = FuzzOptions.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            [.. FuzzTargets.All.Keys],
            out string error
        );
        Assert.Equal(right, options is not null);
        Assert.Equal(right, error.Length == 0);
    }

    // Fails on two bytes next to each other, which are easy to reach one behind the other only.
    private sealed class AssertingTarget(AssertionListener assertions) : FuzzTarget
    {
        public override string Name => "asserting";

        public override byte[] Generate(Random random) => [1];

        public override string Check(byte[] input)
        {
            var other = new Thread(() => assertions.Fail("Nothing is queued", null));
            other.Start();
            other.Join();
            return "fine";
        }
    }

    private sealed class FaultyTarget : FuzzTarget
    {
        public override string Name => "faulty";

        public override byte[] Generate(Random random)
        {
            byte[] input = new byte[random.Next(40)];
            random.NextBytes(input);
            return input;
        }

        public override string Check(byte[] input)
        {
            Require(input.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xBA, 0xD0]) < 0, "A bad word");
            return input.Contains((byte)0xBA) ? "half" : "none";
        }
    }
}
