using System.Runtime.CompilerServices;

namespace Longwire.Protocol;

/// <summary>
/// Checks UTF-8 that comes in parts (RFC 3629, as RFC 6455 §8.1 asks). It fails at the first byte that can't be right,
/// not at the end of the message. Mutable: keep it in a field, don't copy it.
/// </summary>
public struct Utf8Validator
{
    // How many continuation bytes the open sequence still needs, and the range of the next one: RFC 3629 §4 narrows the
    // range of the second byte after E0, ED, F0 and F4, which rules out overlong forms, surrogates and what is over 10FFFF.
    private byte _needed;
    private byte _lower;
    private byte _upper;

    /// <summary>Whether the text so far ends at a character's end. A message may end only there.</summary>
    public readonly bool IsComplete => _needed == 0;

    /// <summary>Checks a whole text at once.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        Utf8Validator validator = default;
        return validator.Append(text) && validator.IsComplete;
    }

    /// <summary>Forgets the text so far.</summary>
    public void Reset() => this = default;

    /// <summary>Checks the next part of the text.</summary>
    /// <param name="part">The part; it may begin and end inside a character.</param>
    /// <returns>False when no continuation could make the text valid. The validator must then be reset.</returns>
    public bool Append(ReadOnlySpan<byte> part)
    {
        int position = 0;
        if (_needed == 0)
        {
            // Most text is ASCII, to its end or to its first letter that is not.
            position = part.IndexOfAnyExceptInRange((byte)0x00, (byte)0x7F);
            if (position < 0)
            {
                return true;
            }
        }

        // The vectors look back over three bytes, so they start at a character's start with three bytes behind it.
        while (position < part.Length && (_needed != 0 || position < 3))
        {
            if (!Step(part[position++]))
            {
                return false;
            }
        }

        if (part.Length - position >= Utf8Vectors.BlockLength && !Utf8Vectors.TrySkipValid(part, ref position))
        {
            return false;
        }

        while (position < part.Length)
        {
            if (!Step(part[position++]))
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Step(byte value)
    {
        if (_needed == 0)
        {
            if (value < 0x80)
            {
                return true;
            }

            return Begin(value);
        }

        if (value < _lower || value > _upper)
        {
            return false;
        }

        _lower = 0x80;
        _upper = 0xBF;
        _needed--;
        return true;
    }

    private bool Begin(byte lead)
    {
        _lower = 0x80;
        _upper = 0xBF;
        switch (lead)
        {
            case >= 0xC2 and <= 0xDF:
                _needed = 1;
                return true;
            case 0xE0:
                _lower = 0xA0;
                _needed = 2;
                return true;
            case 0xED:
                _upper = 0x9F;
                _needed = 2;
                return true;
            case >= 0xE1 and <= 0xEF:
                _needed = 2;
                return true;
            case 0xF0:
                _lower = 0x90;
                _needed = 3;
                return true;
            case 0xF4:
                _upper = 0x8F;
                _needed = 3;
                return true;
            case >= 0xF1 and <= 0xF3:
                _needed = 3;
                return true;
            default:
                return false;
        }
    }
}
