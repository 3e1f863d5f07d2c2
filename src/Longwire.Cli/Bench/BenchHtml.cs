using System.Globalization;
using System.Net;
using System.Text;

namespace Longwire.Cli.Bench;

/// <summary>A page of its own for one result, or for two beside each other: figures, the course of the run, and its latencies.</summary>
internal static class BenchHtml
{
    private const int Width = 720;
    private const int Height = 240;
    private const int Left = 80;
    private const int Bottom = 30;

    private static readonly string[] _colours = ["#2563eb", "#d97706"];

    public static string Write(params IReadOnlyList<BenchResult> results)
    {
        var text = new StringBuilder();
        text.Append(
            """
            <!doctype html>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>longwire bench</title>
            <style>
              body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2em auto; padding: 0 1em; color-scheme: light dark }
              table { border-collapse: collapse } td, th { padding: .2em 1em .2em 0; text-align: left }
              td + td, th + th { text-align: right }
              svg { width: 100%; height: auto } svg text { font-size: 12px; fill: currentColor } .fault { color: #b91c1c }
            </style>

            """
        );
        foreach ((BenchResult result, int index) in results.Select(static (result, index) => (result, index)))
        {
            text.Append(
                $"<h1 style=\"color:{_colours[index % 2]}\">{Text(result.Name)}: {Text(result.Mode)} {Text(result.Address)}</h1>\n"
            );
            if (result.Failure is { } failure)
            {
                text.Append($"<p class=\"fault\">{Text(failure)}</p>\n");
            }
        }

        WriteFigures(text, results);
        text.Append("<h2>Messages a second</h2>\n");
        WritePlot(
            text,
            [.. results.Select(static result => result.Course.Select((rate, index) => ((double)index, rate)).ToArray())],
            "",
            static y => y.ToString("N0", CultureInfo.InvariantCulture)
        );
        text.Append("<h2>Latency by percentile</h2>\n");
        WritePlot(text, [.. results.Select(Percentiles)], "50 %    90 %    99 %    99.9 %", BenchTable.Time);
        return text.ToString();
    }

    private static void WriteFigures(StringBuilder text, IReadOnlyList<BenchResult> results)
    {
        text.Append("<table><tr><th></th>")
            .Append(string.Concat(results.Select(static result => $"<th>{Text(result.Name)}</th>")))
            .Append("</tr>\n");
        foreach (BenchFigure figure in BenchFigure.Of(results[0]))
        {
            text.Append($"<tr><td>{Text(figure.Name)}</td>");
            foreach (BenchResult result in results)
            {
                BenchFigure? own = BenchFigure.Of(result).FirstOrDefault(other => other.Name == figure.Name);
                text.Append($"<td>{Text(own?.Shown ?? "–")}</td>");
            }

            text.Append("</tr>\n");
        }

        text.Append("</table>\n");
    }

    // Nines to the right: 50 %, 90 %, 99 %, 99.9 % stand at equal distances.
    private static (double X, double Y)[] Percentiles(BenchResult result) =>
        [(0.3, result.P50Microseconds), (1, result.P90Microseconds), (2, result.P99Microseconds), (3, result.P999Microseconds)];

    private static void WritePlot(StringBuilder text, (double X, double Y)[][] lines, string label, Func<double, string> show)
    {
        double mostX = Math.Max(1, lines.SelectMany(static line => line).Select(static point => point.X).DefaultIfEmpty(1).Max());
        double mostY = lines.SelectMany(static line => line).Select(static point => point.Y).DefaultIfEmpty(1).Max();
        mostY = mostY > 0 ? mostY : 1;
        text.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">\n");
        foreach (double part in (double[])[0, 0.5, 1])
        {
            double y = Y(part * mostY);
            text.Append(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width}\" y1=\"{y:0}\" y2=\"{y:0}\" stroke=\"currentColor\" opacity=\".2\"/>"
            );
            text.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{y + 4:0}\" text-anchor=\"end\">{Text(show(part * mostY))}</text>\n"
            );
        }

        for (int i = 0; i < lines.Length; i++)
        {
            string points = string.Join(
                ' ',
                lines[i].Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#},{Y(point.Y):0.#}"))
            );
            text.Append($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{_colours[i % 2]}\" stroke-width=\"2\"/>\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 6}\">{Text(label)}</text></svg>\n");

        double X(double x) => Left + x / mostX * (Width - Left - 4);

        double Y(double y) => Height - Bottom - y / mostY * (Height - Bottom - 10);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
