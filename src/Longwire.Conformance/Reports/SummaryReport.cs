using System.Globalization;
using System.Text;

namespace Longwire.Conformance;

/// <summary>The results for people at a terminal: a line for each chapter, then each verdict that is not OK, with its reason.</summary>
public static class SummaryReport
{
    private static readonly Dictionary<int, string> _chapters = new()
    {
        [1] = "Echo of whole messages",
        [2] = "Pings and pongs",
        [3] = "Reserved bits",
        [4] = "Reserved opcodes",
        [5] = "Fragments",
        [6] = "UTF-8",
        [7] = "Closing",
        [9] = "Sizes and amounts",
        [10] = "Fragments of odd sizes",
        [12] = "Compression: kinds of data",
        [13] = "Compression: parameters",
        [20] = "Longwire's own",
        [21] = "Ways to end",
    };

    /// <summary>The name of a chapter, for instance of 6: UTF-8.</summary>
    /// <param name="chapter">The first part of a case's number.</param>
    public static string NameOf(int chapter) => _chapters.GetValueOrDefault(chapter, "Others");

    /// <summary>Writes the summary of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ConformanceRun run, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{run.Agent}: {run.Results.Count} cases in {run.Duration.TotalSeconds:F1} s")
        );
        output.WriteLine();
        foreach (IGrouping<int, CaseResult> chapter in run.Results.GroupBy(r => r.Case.Id.Chapter))
        {
            output.WriteLine($"  {chapter.Key, 3}  {NameOf(chapter.Key), -28} {Counts(chapter)}");
        }

        output.WriteLine();

        foreach (CaseResult result in run.Results.Where(r => !r.IsStrictlyOk))
        {
            string close = result.CloseVerdict is CloseVerdict.Ok or CloseVerdict.Informational
                ? ""
                : $", close {result.CloseVerdict.ToName()}";
            output.WriteLine($"  {result.Case.Id, -8} {result.Verdict.ToName()}{close}: {result.Case.Description}");
            output.WriteLine($"           {result.Detail}{(close.Length == 0 ? "" : $" {result.CloseDetail}")}");
        }

        if (!run.IsStrictlyOk)
        {
            output.WriteLine();
        }

        output.WriteLine(Counts(run.Results));
    }

    private static string Counts(IEnumerable<CaseResult> results)
    {
        StringBuilder text = new();
        foreach (IGrouping<string, CaseResult> group in results.GroupBy(NameOf).OrderBy(g => g.Min(r => r.Verdict)))
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}");
        }

        return text.ToString();
    }

    // A case counts by the worse of its two verdicts.
    private static string NameOf(CaseResult result) =>
        result.CloseVerdict is CloseVerdict.Ok or CloseVerdict.Informational || result.Verdict is Verdict.Failed or Verdict.Unimplemented
            ? result.Verdict.ToName()
            : $"CLOSE {result.CloseVerdict.ToName()}";
}
