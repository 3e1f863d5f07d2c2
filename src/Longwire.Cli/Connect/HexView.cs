using System.Globalization;
using System.Text;

namespace Longwire.Cli.Connect;

/// <summary>Bytes for people: their place, in hexadecimal, and as ASCII.</summary>
internal static class HexView
{
    private const int BytesPerRow = 16;

    public static string Format(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int row = 0; row < bytes.Length || row == 0; row += BytesPerRow)
        {
            ReadOnlySpan<byte> part = bytes[row..Math.Min(bytes.Length, row + BytesPerRow)];
            text.Append(row > 0 ? "\n" : "").Append(row.ToString("x8", CultureInfo.InvariantCulture)).Append(' ');
            for (int i = 0; i < BytesPerRow; i++)
            {
                text.Append(i % 8 == 0 ? " " : "").Append(i < part.Length ? $"{part[i]:x2} " : "   ");
            }

            text.Append(" |");
            foreach (byte one in part)
            {
                text.Append(one is >= 0x20 and < 0x7F ? (char)one : '.');
            }

            text.Append('|');
        }

        return text.ToString();
    }
}
