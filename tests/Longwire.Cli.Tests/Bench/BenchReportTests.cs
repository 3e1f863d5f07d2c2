namespace Longwire.Cli.Tests;

public sealed class BenchReportTests
{
    [Fact]
    public async Task Lines_of_runs_become_a_table_of_medians()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        string file = Path.GetTempFileName();
        foreach (string name in new[] { "one", "two", "one" })
        {
            await using ToolRun run = ToolRun.Start(
                "bench",
                server.Socket("/echo").ToString(),
                "-c",
                "2",
                "-w",
                "0",
                "-d",
                "2",
                "-o",
                "jsonl",
                "--name",
                name,
                "--scenario",
                "small"
            );
            Assert.Equal(0, await run.EndAsync());
            await File.AppendAllTextAsync(file, run.Output.Text);
        }

        await using ToolRun report = ToolRun.Start("bench-report", file);
        Assert.Equal(0, await report.EndAsync());
        File.Delete(file);
        string[] lines = report.Output.Text.Split('\n');
        Assert.Equal("**small** (2 connections, 1 in flight on each)", lines[0]);
        Assert.Matches(@"^\| one \| [\d,]+(\\\*)? \|.*\| 2 \|$", lines[4]);
        Assert.Matches(@"^\| two \| .*\| 1 \|$", lines[5]);
    }
}
