using System.Globalization;

namespace Longwire.Interop.Tests.Endings;

/// <summary>The table in docs/ENDINGS.md: for each row, and each column by its heading, what is promised or was measured.</summary>
internal static class EndingsTable
{
    private static readonly Lazy<Dictionary<string, Dictionary<string, string>>> _rows = new(Read);

    /// <summary>The names of the rows, in their order.</summary>
    public static IEnumerable<string> Rows => _rows.Value.Keys;

    /// <summary>Plays every row on a subject, and asserts that what was seen is what the column says.</summary>
    public static async Task AssertSaysAsync(string column, EndingSubject subject)
    {
        var wrong = new List<string>();
        await using (subject)
        {
            foreach (string name in Rows)
            {
                Ending seen = await subject.PlayAsync(EndingRow.All[name]);
                if (!Says(name, column, seen))
                {
                    wrong.Add($"{name}: {seen}");
                }
            }
        }
        Assert.True(wrong.Count == 0, $"The table says otherwise of {column}:\n{string.Join('\n', wrong)}");
    }

    /// <summary>
    /// Whether a cell says what was seen. A field of it may be a range as in "0–10", or one of several as in "FIN or RST".
    /// </summary>
    private static bool Says(string row, string column, Ending seen)
    {
        string[] promised = _rows.Value[row][column].Split(" · ");
        string[] fields = seen.ToString().Split(" · ");
        return promised.Length == fields.Length && promised.Zip(fields, Allows).All(allowed => allowed);
    }

    private static bool Allows(string promised, string field)
    {
        string[] range = promised.Split('–');
        return promised.Split(" or ").Contains(field)
            || (
                range.Length == 2
                && int.TryParse(range[0], CultureInfo.InvariantCulture, out int least)
                && int.TryParse(range[1], CultureInfo.InvariantCulture, out int most)
                && int.TryParse(field, CultureInfo.InvariantCulture, out int number)
                && number >= least
                && number <= most
            );
    }

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        string[][] lines =
        [
            .. File.ReadLines(Places.Endings)
                .SkipWhile(line => !line.StartsWith("| the peer, and it", StringComparison.Ordinal))
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
        ];
        string[] columns = lines[0];
        return lines[2..]
            .ToDictionary(cells => cells[0], cells => columns.Zip(cells).Skip(1).ToDictionary(pair => pair.First, pair => pair.Second));
    }
}
