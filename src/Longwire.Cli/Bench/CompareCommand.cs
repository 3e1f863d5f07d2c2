using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary><c>longwire bench compare BEFORE AFTER</c>: what changed between two runs.</summary>
internal static class CompareCommand
{
    private const int NameColumn = 24;
    private const int FigureColumn = 14;

    public static Command Create(CommandStreams streams)
    {
        var before = new Argument<string>("BEFORE") { Description = "A result, as bench writes it with --output json or jsonl." };
        var after = new Argument<string>("AFTER") { Description = "Another one of the same measurement." };
        Option<int> most = OptionValues.Number(
            ["--fail-above"],
            "Exit code 4 when a figure is worse by more percent than that.",
            0,
            1,
            1000
        );
        var html = new Option<string?>("--html") { Description = "Write a page with both beside each other.", HelpName = "FILE" };
        var command = new Command("compare", "Compare two results.") { before, after, most, html };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                BenchResult[] results;
                try
                {
                    results =
                    [
                        await ReadAsync(parsed.GetValue(before)!, cancellationToken),
                        await ReadAsync(parsed.GetValue(after)!, cancellationToken),
                    ];
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                if (parsed.GetValue(html) is { } file)
                {
                    await File.WriteAllTextAsync(file, BenchHtml.Write(results), cancellationToken);
                }

                (string table, double worst) = Compare(results[0], results[1]);
                await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(table), cancellationToken);
                int limit = parsed.GetValue(most);
                if (limit > 0 && worst > limit / 100.0)
                {
                    await streams.Error.WriteLineAsync(
                        string.Create(CultureInfo.InvariantCulture, $"Worse by {worst:P0}, more than {limit} %.")
                    );
                    return ExitCode.AssertionFailed;
                }

                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>The figures side by side.</summary>
    /// <returns>A table, and by which share the figure is worse that is worst; 0 when none is.</returns>
    public static (string Table, double Worst) Compare(BenchResult before, BenchResult after)
    {
        var text = new StringBuilder();
        text.Append($"{"", -NameColumn}{before.Name, FigureColumn}{after.Name, FigureColumn}\n");
        double worst = 0;
        IReadOnlyList<BenchFigure> others = BenchFigure.Of(after);
        foreach (BenchFigure figure in BenchFigure.Of(before))
        {
            BenchFigure? other = others.FirstOrDefault(one => one.Name == figure.Name);
            if (other is null || figure.Value == 0)
            {
                continue;
            }

            double change = other.Value / figure.Value - 1;
            double worse = figure.MoreIsBetter ? (other.Value == 0 ? double.PositiveInfinity : figure.Value / other.Value - 1) : change;
            worst = Math.Max(worst, worse);
            string percent = (change * 100).ToString("+0;-0;0", CultureInfo.InvariantCulture);
            string verdict = worse switch
            {
                > 0.05 => "worse",
                < -0.05 => "better",
                _ => "",
            };
            text.Append(
                    $"{figure.Name, -NameColumn}{figure.Shown, FigureColumn}{other.Shown, FigureColumn}{percent, 8} %  {verdict}".TrimEnd()
                )
                .Append('\n');
        }

        return (text.ToString(), worst);
    }

    private static async Task<BenchResult> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            // Of several lines the last one counts.
            string text = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            string json = text.StartsWith("{\n", StringComparison.Ordinal) ? text : text.Split('\n')[^1];
            return JsonSerializer.Deserialize(json, BenchJson.Default.BenchResult) ?? throw new JsonException("it is null.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new FormatException($"'{file}' is no result of bench: {exception.Message}", exception);
        }
    }
}
