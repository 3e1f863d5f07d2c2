using System.Globalization;
using System.Net;

namespace Longwire.Conformance;

/// <summary>
/// The results as one HTML page that needs nothing else: no script, no other file. A table of all cases, a column a run, and for each
/// case that is not OK the reason and the wire log. A peer's bytes are text in it, never markup.
/// </summary>
public static class HtmlReport
{
    private const string Style = """
        :root{color-scheme:light dark;--line:#8884;--ok:#1a7f37;--lax:#9a6700;--info:#0969da;--bad:#cf222e}
        body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2.5rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid var(--line)}
        th{font-weight:600}td.v{white-space:nowrap;font-weight:600}
        .ok{color:var(--ok)}.lax{color:var(--lax)}.info{color:var(--info)}.bad{color:var(--bad)}
        details{border-bottom:1px solid var(--line);padding:.35rem 0}summary{cursor:pointer}
        pre{overflow-x:auto;font:12px/1.45 ui-monospace,monospace;background:#8881;padding:.7rem;border-radius:6px}
        .muted{opacity:.7}
        """;

    /// <summary>Writes the page.</summary>
    /// <param name="runs">One run or several, to compare.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<ConformanceRun> runs, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(output);
        output.Write(
            $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                + $"<title>WebSocket conformance</title><style>{Style}</style></head><body>\n<h1>WebSocket conformance</h1>\n"
        );
        WriteOverview(runs, output);
        foreach (ConformanceRun run in runs)
        {
            WriteFindings(run, output);
        }

        WriteCases(runs, output);
        output.Write("</body></html>\n");
    }

    private static void WriteOverview(IReadOnlyList<ConformanceRun> runs, TextWriter output)
    {
        output.Write(
            "<table><tr><th>peer</th><th>as</th><th>cases</th><th>OK</th><th>informational</th><th>non-strict</th><th>not passed</th><th>time</th></tr>\n"
        );
        foreach (ConformanceRun run in runs)
        {
            int informational = run.Results.Count(r => r is { IsStrictlyOk: true, Verdict: Verdict.Informational });
            int strict = run.Results.Count(r => r.IsStrictlyOk) - informational;
            int lax = run.Results.Count(r => r is { IsConformant: true, Verdict: Verdict.NonStrict });
            int failed = run.Results.Count(r => !r.IsConformant);
            output.Write(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"<tr><td>{Text(run.Agent)}</td><td>{SubjectName(run.Subject)}</td><td>{run.Results.Count}</td><td class=\"ok\">{strict}</td><td class=\"info\">{informational}</td><td class=\"lax\">{lax}</td><td class=\"{(failed == 0 ? "ok" : "bad")}\">{failed}</td><td>{run.Duration.TotalSeconds:F1} s</td></tr>\n"
                )
            );
        }

        output.Write("</table>\n<p class=\"muted\">");
        output.Write(Text(string.Join(" · ", runs.Select(r => r.Started.ToString("u", CultureInfo.InvariantCulture)).Distinct())));
        output.Write("</p>\n");
    }

    private static void WriteFindings(ConformanceRun run, TextWriter output)
    {
        CaseResult[] findings = [.. run.Results.Where(r => !r.IsStrictlyOk)];
        output.Write($"<h2>{Text(run.Agent)}: {(findings.Length == 0 ? "every case is OK" : "what is not OK")}</h2>\n");
        foreach (CaseResult result in findings)
        {
            output.Write(
                $"<details><summary><b>{result.Case.Id}</b> <span class=\"{ClassOf(result.Verdict)}\">{result.Verdict.ToName()}</span>, close "
                    + $"<span class=\"{ClassOf(result.CloseVerdict)}\">{result.CloseVerdict.ToName()}</span>: {Text(result.Case.Description)}</summary>\n"
            );
            string section = result.Case.Section.Length == 0 ? "" : $" <span class=\"muted\">{Text(result.Case.Section)}</span>";
            output.Write(
                $"<p>Expected: {Text(result.Case.Expectation)}{section}<br>Found: {Text(result.Detail)} {Text(result.CloseDetail)}</p>\n<pre>"
            );
            output.Write(Text(string.Join('\n', result.WireLog)));
            output.Write("</pre></details>\n");
        }
    }

    private static void WriteCases(IReadOnlyList<ConformanceRun> runs, TextWriter output)
    {
        List<Dictionary<CaseId, CaseResult>> byRun = [.. runs.Select(r => r.Results.ToDictionary(x => x.Case.Id))];
        ConformanceCase[] cases = [.. runs.SelectMany(r => r.Results).Select(r => r.Case).DistinctBy(c => c.Id).OrderBy(c => c.Id)];
        foreach (IGrouping<int, ConformanceCase> chapter in cases.GroupBy(c => c.Id.Chapter))
        {
            output.Write(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"<h2>{chapter.Key} {Text(SummaryReport.NameOf(chapter.Key))}</h2>\n<table><tr><th>case</th><th>what is sent</th>"
                )
            );
            foreach (ConformanceRun run in runs)
            {
                output.Write($"<th>{Text(run.Agent)}</th>");
            }

            output.Write("</tr>\n");
            foreach (ConformanceCase conformanceCase in chapter)
            {
                output.Write($"<tr><td>{conformanceCase.Id}</td><td>{Text(conformanceCase.Description)}</td>");
                foreach (Dictionary<CaseId, CaseResult> results in byRun)
                {
                    WriteCell(results.GetValueOrDefault(conformanceCase.Id), output);
                }

                output.Write("</tr>\n");
            }

            output.Write("</table>\n");
        }
    }

    private static void WriteCell(CaseResult? result, TextWriter output)
    {
        if (result is null)
        {
            output.Write("<td class=\"muted\">not run</td>");
            return;
        }

        string code = result.RemoteCloseCode is { } number ? number.ToString(CultureInfo.InvariantCulture) : "";
        string close = result.CloseVerdict is CloseVerdict.Ok or CloseVerdict.Informational
            ? $"<span class=\"muted\">{code}</span>"
            : $"<span class=\"bad\">{result.CloseVerdict.ToName()} {code}</span>";
        output.Write(
            $"<td class=\"v\" title=\"{Text(result.Detail)}\"><span class=\"{ClassOf(result.Verdict)}\">{result.Verdict.ToName()}</span> {close}</td>"
        );
    }

    private static string SubjectName(Subjects subject) =>
        subject switch
        {
            Subjects.Client => "client",
            Subjects.Http2Server => "server, HTTP/2",
            _ => "server",
        };

    private static string ClassOf(Verdict verdict) =>
        verdict switch
        {
            Verdict.Ok => "ok",
            Verdict.NonStrict => "lax",
            Verdict.Informational => "info",
            _ => "bad",
        };

    private static string ClassOf(CloseVerdict verdict) =>
        verdict switch
        {
            CloseVerdict.Ok => "ok",
            CloseVerdict.Informational => "info",
            _ => "bad",
        };

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
