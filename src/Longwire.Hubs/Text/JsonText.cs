using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// JSON can name any UTF-16 unit by an escape, so also half of a surrogate pair, which no Unicode text has (RFC 8259 §8.2).
/// </summary>
internal static class JsonText
{
    private const int EscapeLength = 6; // \uXXXX

    /// <summary>Whether an escape in the JSON given stands for half of a surrogate pair. Text that is no JSON gets either answer.</summary>
    public static bool HasHalfOfPair(ReadOnlySpan<byte> json)
    {
        while (true)
        {
            int backslash = json.IndexOf((byte)'\\');
            if (backslash < 0 || backslash + 1 == json.Length)
            {
                return false;
            }

            json = json[backslash..];
            if (!TryReadUnit(json, out char unit) || !char.IsSurrogate(unit))
            {
                json = json[2..];
                continue;
            }

            json = json[EscapeLength..];
            if (char.IsLowSurrogate(unit) || !TryReadUnit(json, out char second) || !char.IsLowSurrogate(second))
            {
                return true;
            }

            json = json[EscapeLength..];
        }
    }

    /// <summary>Whether a string of .NET is Unicode: every surrogate in it has its other half.</summary>
    public static bool IsUnicode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int surrogate = text.IndexOfAnyInRange('\ud800', '\udfff');
            if (surrogate < 0)
            {
                return true;
            }

            if (surrogate + 1 == text.Length || !char.IsSurrogatePair(text[surrogate], text[surrogate + 1]))
            {
                return false;
            }

            text = text[(surrogate + 2)..];
        }

        return true;
    }

    public static void ThrowIfNotUnicode(JsonElement? json)
    {
        if (json is { ValueKind: not JsonValueKind.Undefined } value && HasHalfOfPair(Encoding.UTF8.GetBytes(value.GetRawText())))
        {
            throw new ArgumentException("The JSON has half of a surrogate pair, which is no text.", nameof(json));
        }
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> json, out char unit)
    {
        unit = default;
        if (
            json.Length < EscapeLength
            || json[0] != (byte)'\\'
            || json[1] != (byte)'u'
            || !Utf8Parser.TryParse(json.Slice(2, 4), out ushort value, out int read, 'x')
            || read != 4
        )
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
