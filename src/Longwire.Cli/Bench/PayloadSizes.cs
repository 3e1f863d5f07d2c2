using System.Globalization;

namespace Longwire.Cli.Bench;

/// <summary>Sizes of messages as a user writes them: <c>20</c>, <c>20,1024,16KiB</c>, or with shares <c>9x20,1x64KiB</c>.</summary>
internal static class PayloadSizes
{
    private const int MaxRotation = 1000;

    public static bool TryParse(string text, out IReadOnlyList<int> sizes)
    {
        var list = new List<int>();
        sizes = list;
        foreach (string part in text.Split(','))
        {
            string[] pieces = part.Trim().Split('x');
            int times = 1;
            if (
                pieces.Length > 2
                || (
                    pieces.Length == 2
                    && !(
                        int.TryParse(pieces[0], NumberStyles.None, CultureInfo.InvariantCulture, out times)
                        && times is > 0 and <= MaxRotation
                    )
                )
                || !TryParseBytes(pieces[^1], out int bytes)
            )
            {
                return false;
            }

            list.AddRange(Enumerable.Repeat(bytes, times));
        }

        return list.Count is > 0 and <= MaxRotation;
    }

    private static bool TryParseBytes(string text, out int bytes)
    {
        (string number, int unit) = text switch
        {
            _ when text.EndsWith("KiB", StringComparison.OrdinalIgnoreCase) => (text[..^3], 1 << 10),
            _ when text.EndsWith("MiB", StringComparison.OrdinalIgnoreCase) => (text[..^3], 1 << 20),
            _ => (text, 1),
        };
        bool valid =
            int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && (long)count * unit <= BenchOptions.MaxMessageBytes;
        bytes = valid ? count * unit : 0;
        return valid;
    }
}
