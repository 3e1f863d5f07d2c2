using System.CommandLine;
using Longwire.Conformance;

namespace Longwire.Cli.Conform;

/// <summary>The options that <c>conform server</c> and <c>conform client</c> share: which cases to run, and where the results go.</summary>
internal sealed class ConformOptions
{
    private readonly Argument<string[]> _cases = new("CASES")
    {
        Description = "Cases to run: 6.4.1, 6.*, or !9.* to leave some out. Default: all.",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Write a report with the wire log of each failing case to this file.",
    };
    private readonly Option<string?> _json = new("--jsonl")
    {
        Description = "Write a line of JSON for each case to this file; - for standard output.",
    };
    private readonly Option<bool> _strict = new("--strict") { Description = "End with exit code 4 for a verdict of NON-STRICT too." };
    private readonly Option<int> _parallel = new("--parallel")
    {
        Description = "How many light cases run at once.",
        DefaultValueFactory = _ => new ConformanceOptions().Parallelism,
    };

    private readonly Option<int> _patience = new("--patience")
    {
        Description = "How many seconds to wait for what has to come; more for a busy machine.",
        DefaultValueFactory = _ => (int)new ConformanceOptions().Patience.TotalSeconds,
    };

    public void AddTo(Command command)
    {
        command.Add(_patience);
        command.Add(_cases);
        command.Add(_html);
        command.Add(_json);
        command.Add(_strict);
        command.Add(_parallel);
    }

    public ConformanceOptions Read(ParseResult parsed) =>
        new()
        {
            Patterns = parsed.GetValue(_cases)!,
            Parallelism = Math.Max(1, parsed.GetValue(_parallel)),
            Patience = TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(_patience))),
        };

    /// <summary>Writes the reports that were asked for, and the summary.</summary>
    /// <returns>The exit code: whether all were conformant.</returns>
    public async Task<int> ReportAsync(ParseResult parsed, IReadOnlyList<ConformanceRun> runs)
    {
        string? json = parsed.GetValue(_json);
        if (parsed.GetValue(_html) is { } html)
        {
            await using StreamWriter writer = File.CreateText(html);
            HtmlReport.Write(runs, writer);
        }

        if (json is not null)
        {
            await using TextWriter writer = json == "-" ? Console.Out : File.CreateText(json);
            foreach (ConformanceRun run in runs)
            {
                JsonLinesReport.Write(run, writer);
            }
        }

        // Where the machine's lines take standard output, the people's summary makes room.
        foreach (ConformanceRun run in runs)
        {
            SummaryReport.Write(run, json == "-" ? Console.Error : Console.Out);
        }

        bool passed = parsed.GetValue(_strict) ? runs.All(run => run.IsStrictlyOk) : runs.All(run => run.IsConformant);
        return passed ? ExitCode.Done : ExitCode.AssertionFailed;
    }
}
