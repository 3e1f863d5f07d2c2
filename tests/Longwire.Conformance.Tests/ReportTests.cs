using System.Text.Json;

namespace Longwire.Conformance.Tests;

public sealed class ReportTests
{
    private static readonly ConformanceRun _run = new()
    {
        Agent = "peer <script>alert(1)</script>",
        Subject = Subjects.Server,
        Started = DateTimeOffset.UnixEpoch,
        Duration = TimeSpan.FromSeconds(2.5),
        Results =
        [
            Result("1.1.1", Verdict.Ok, CloseVerdict.Ok),
            Result("3.1", Verdict.Ok, CloseVerdict.WrongCode),
            Result("6.4.1", Verdict.NonStrict, CloseVerdict.Ok),
            Result("7.13.1", Verdict.Informational, CloseVerdict.Informational),
            Result("7.3.2", Verdict.Failed, CloseVerdict.Failed),
        ],
    };

    [Fact]
    public void The_summary_counts_and_gives_the_reason_of_each_verdict_that_is_not_OK()
    {
        using StringWriter output = new();
        SummaryReport.Write(_run, output);
        string text = output.ToString();

        Assert.Contains("5 cases in 2.5 s", text, StringComparison.Ordinal);
        Assert.Contains("1 OK, 1 CLOSE WRONG CODE, 1 NON-STRICT, 1 INFORMATIONAL, 1 FAILED", text, StringComparison.Ordinal);
        Assert.Contains("6.4.1    NON-STRICT: ", text, StringComparison.Ordinal);
        Assert.Contains("3.1      OK, close WRONG CODE: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1.1.1 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_line_of_JSON_is_a_result()
    {
        using StringWriter output = new();
        JsonLinesReport.Write(_run, output);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(5, lines.Length);
        using JsonDocument line = JsonDocument.Parse(lines[1]);
        Assert.Equal("3.1", line.RootElement.GetProperty("case").GetString());
        Assert.Equal("WRONG CODE", line.RootElement.GetProperty("behaviorClose").GetString());
        Assert.Equal(1011, line.RootElement.GetProperty("remoteCloseCode").GetInt32());
    }

    [Fact]
    public void The_page_needs_nothing_else_and_takes_nothing_from_a_peer_as_markup()
    {
        using StringWriter output = new();
        HtmlReport.Write([_run], output);
        string page = output.ToString();

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("a line &lt;of&gt; the log of 6.4.1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("the log of 1.1.1", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_strict_results_are_strictly_OK()
    {
        Assert.Equal([true, false, false, true, false], _run.Results.Select(r => r.IsStrictlyOk));
        Assert.Equal([true, false, true, true, false], _run.Results.Select(r => r.IsConformant));
        Assert.False(_run.IsConformant);
    }

    [Fact]
    public void A_wire_log_keeps_the_first_and_the_last_lines()
    {
        WireLog log = new(10, 8);
        for (int index = 0; index < 100; index++)
        {
            log.Sent(WireFrame.OfText($"text {index}, and more"));
        }

        IReadOnlyList<string> lines = log.Lines();

        Assert.Equal(11, lines.Count);
        Assert.Contains("\"text 0, …\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("90 lines left out", lines[5], StringComparison.Ordinal);
        Assert.Contains("text 99", lines[10], StringComparison.Ordinal);
    }

    private static CaseResult Result(string id, Verdict verdict, CloseVerdict closeVerdict) =>
        new()
        {
            Case = CaseCatalog.Standard.Single(c => c.Id == new CaseId(id)),
            Verdict = verdict,
            CloseVerdict = closeVerdict,
            Detail = "the reason",
            CloseDetail = "the reason of the close",
            RemoteCloseCode = 1011,
            WireLog = [$"a line <of> the log of {id}"],
        };
}
