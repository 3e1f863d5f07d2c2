using System.Text;
using System.Text.Json;
using Longwire.Cli.Terminal;

namespace Longwire.Cli.Doctor;

/// <summary>Tells what an examination finds: line by line for people, at its end for machines.</summary>
internal sealed class DoctorReport(DoctorOptions options, CommandStreams streams)
{
    private const int NameColumn = 13;

    private readonly bool _colors = streams is { MayColor: true, IsOutputTerminal: true };

    /// <summary>A step has been done.</summary>
    public void Add(Check check)
    {
        if (options.Output != OutputFormat.Text)
        {
            return;
        }

        (string mark, string shade) = check.Result switch
        {
            CheckResult.Ok => ("ok     ", "\e[32m"),
            CheckResult.Warning => ("warning", "\e[33m"),
            CheckResult.Failed => ("FAILED ", "\e[31m"),
            _ => ("-      ", "\e[2m"),
        };
        var text = new StringBuilder();
        text.Append(_colors ? $"{shade}{mark}\e[0m" : mark).Append($"  {check.Name, -NameColumn}{TerminalText.Harmless(check.Detail)}\n");
        if (check.Advice.Length > 0)
        {
            string indentation = new(' ', mark.Length + 2 + NameColumn);
            text.Append(indentation)
                .Append("→ ")
                .Append(check.Advice.Replace("\n", $"\n{indentation}  ", StringComparison.Ordinal))
                .Append('\n');
        }

        Write(text.ToString());
    }

    /// <summary>The examination is over.</summary>
    public void Write(Diagnosis diagnosis)
    {
        if (options.Output == OutputFormat.Jsonl)
        {
            Write(JsonSerializer.Serialize(diagnosis, DoctorJson.Default.Diagnosis) + "\n");
            return;
        }

        Check? failure = diagnosis.Checks.FirstOrDefault(static check => check.Result == CheckResult.Failed);
        Write(failure is null ? "\nNothing is wrong from here.\n" : $"\nThe trouble: {failure.Name} ({failure.Cause}).\n");
    }

    private void Write(string text)
    {
        streams.Output.Write(Encoding.UTF8.GetBytes(text));
        streams.Output.Flush();
    }
}
