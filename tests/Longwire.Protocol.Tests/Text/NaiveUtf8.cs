using System.Text.Unicode;

namespace Longwire.Protocol.Tests;

/// <summary>UTF-8 judged the slow and obvious way.</summary>
internal static class NaiveUtf8
{
    private static readonly byte[][] _endings =
    [
        [],
        [0x80],
        [0xBF],
        [0x80, 0x80],
        [0x90, 0x80],
        [0xBF, 0x80],
        [0xA0, 0x80],
        [0x80, 0x80, 0x80],
        [0x90, 0x80, 0x80],
        [0xBF, 0x80, 0x80],
    ];

    /// <summary>The base library's own judge; that it agrees with the strict decoder is a test.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text);

    /// <summary>
    /// The index of the first byte after which nothing could make the text valid, or -1: a beginning is possible when it is
    /// valid once one of a few endings is added, which together complete every character that can be completed.
    /// </summary>
    public static int FirstImpossible(ReadOnlySpan<byte> text)
    {
        int character = 0;
        for (int length = 1; length <= text.Length; length++)
        {
            ReadOnlySpan<byte> open = text[character..length];
            if (IsValid(open))
            {
                character = length;
            }
            else if (!IsBeginning(open))
            {
                return length - 1;
            }
        }

        return -1;
    }

    private static bool IsBeginning(ReadOnlySpan<byte> open)
    {
        Span<byte> character = stackalloc byte[8];
        open.CopyTo(character);
        foreach (byte[] ending in _endings)
        {
            ending.CopyTo(character[open.Length..]);
            if (IsValid(character[..(open.Length + ending.Length)]))
            {
                return true;
            }
        }

        return false;
    }
}
