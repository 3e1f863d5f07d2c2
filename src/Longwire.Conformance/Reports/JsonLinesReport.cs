using System.Text;
using System.Text.Json;

namespace Longwire.Conformance;

/// <summary>
/// The results for machines, a JSON object a line:
/// <code>
/// {"agent":"…","case":"6.4.1","behavior":"OK","behaviorClose":"OK","remoteCloseCode":1007,"duration":2003,"detail":"…","closeDetail":"…"}
/// </code>
/// The verdicts and <c>duration</c> (milliseconds) are named as in other suites' reports.
/// </summary>
public static class JsonLinesReport
{
    /// <summary>Writes a line for each result of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ConformanceRun run, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(output);
        foreach (CaseResult result in run.Results)
        {
            output.WriteLine(Format(run.Agent, result));
        }
    }

    /// <summary>One result as a line, without its end.</summary>
    /// <param name="agent">The name of the peer.</param>
    /// <param name="result">The result.</param>
    public static string Format(string agent, CaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("agent", agent);
            json.WriteString("case", result.Case.Id.ToString());
            json.WriteString("behavior", result.Verdict.ToName());
            json.WriteString("behaviorClose", result.CloseVerdict.ToName());
            if (result.RemoteCloseCode is { } code)
            {
                json.WriteNumber("remoteCloseCode", code);
            }
            else
            {
                json.WriteNull("remoteCloseCode");
            }

            json.WriteNumber("duration", (long)result.Duration.TotalMilliseconds);
            json.WriteString("description", result.Case.Description);
            json.WriteString("detail", result.Detail);
            json.WriteString("closeDetail", result.CloseDetail);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
