using System.Text.Json;
using System.Text.Unicode;

namespace Longwire.Yjs;

/// <summary>
/// Reads lib0's encoding, in which Yjs and its protocols are written. The bytes come from a peer: a fault is kept as a value, and
/// everything read after it is zero or empty, so a loop over a count has to ask for <see cref="Failed"/>.
/// </summary>
internal ref struct Lib0Reader(ReadOnlySpan<byte> bytes)
{
    /// <summary>The largest integer that JavaScript's numbers hold exactly.</summary>
    public const long MaxInteger = (1L << 53) - 1;

    /// <summary>How deep values may nest. Yjs reads them by recursion, so a deep one would overflow the stack of every client.</summary>
    public const int MaxDepth = 100;

    private const int ObjectTag = 118;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next byte is.</summary>
    public int Position { get; set; }

    /// <summary>The first fault, in words; null for none.</summary>
    public string? Fault { get; private set; }

    public readonly bool Failed => Fault is not null;

    public readonly bool AtEnd => Position == _bytes.Length;

    public void Fail(string fault) => Fault ??= fault;

    public byte ReadByte()
    {
        if (Failed || AtEnd)
        {
            Fail("It ends too early.");
            return 0;
        }

        return _bytes[Position++];
    }

    /// <summary>Seven bits a byte, the lowest first; the high bit says that more follow.</summary>
    public long ReadVarUint()
    {
        if (!Failed && Position < _bytes.Length && _bytes[Position] < 0x80)
        {
            return _bytes[Position++];
        }

        ulong value = 0;
        for (int shift = 0; shift < 56; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                if (value > MaxInteger)
                {
                    break;
                }

                return Failed ? 0 : (long)value;
            }
        }

        Fail("An integer is larger than 2^53 - 1.");
        return 0;
    }

    public ReadOnlySpan<byte> ReadBytes(long length)
    {
        if (Failed || length > _bytes.Length - Position)
        {
            Fail("It ends too early.");
            return default;
        }

        ReadOnlySpan<byte> read = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return read;
    }

    /// <summary>A length, and so many bytes.</summary>
    public ReadOnlySpan<byte> ReadVarBytes() => ReadBytes(ReadVarUint());

    /// <summary>A length, and so many bytes of UTF-8.</summary>
    public ReadOnlySpan<byte> ReadString(bool validate = true)
    {
        ReadOnlySpan<byte> text = ReadVarBytes();
        if (validate && !Utf8.IsValid(text))
        {
            Fail("A string is not UTF-8.");
            return default;
        }

        return text;
    }

    /// <summary>A string that holds JSON.</summary>
    /// <param name="validate">Whether the bytes are a peer's and not this process's own.</param>
    /// <param name="orUndefined">Whether the word <c>undefined</c> will do, too.</param>
    public void SkipJson(bool validate, bool orUndefined = false)
    {
        ReadOnlySpan<byte> json = ReadString(validate);
        if (validate && !Failed && !(orUndefined && json.SequenceEqual("undefined"u8)) && !IsJson(json))
        {
            Fail("A value is not JSON.");
        }
    }

    /// <summary>A value with its tag, as lib0's <c>writeAny</c> writes it.</summary>
    /// <param name="validate">Whether the bytes are a peer's and not this process's own.</param>
    /// <param name="depth">How deep it lies.</param>
    public void SkipAny(bool validate, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            Fail($"Values nest deeper than {MaxDepth}.");
            return;
        }

        switch (ReadByte())
        {
            case 127 or 126 or 121 or 120: // undefined, null, false, true
                break;
            case 125:
                SkipVarInt();
                break;
            case 124:
                ReadBytes(sizeof(float));
                break;
            case 123 or 122: // double, bigint
                ReadBytes(sizeof(double));
                break;
            case 119:
                ReadString(validate);
                break;
            case ObjectTag:
                for (long count = ReadVarUint(); count > 0 && !Failed; count--)
                {
                    ReadString(validate);
                    SkipAny(validate, depth + 1);
                }

                break;
            case 117:
                for (long count = ReadVarUint(); count > 0 && !Failed; count--)
                {
                    SkipAny(validate, depth + 1);
                }

                break;
            case 116:
                ReadVarBytes();
                break;
            default:
                Fail("A value has a tag that lib0 doesn't know.");
                break;
        }
    }

    /// <summary>A value as <see cref="SkipAny"/>, which must be an object.</summary>
    public void SkipObject(bool validate)
    {
        if (!Failed && !AtEnd && _bytes[Position] != ObjectTag)
        {
            Fail("The options of a subdocument are no object.");
        }

        SkipAny(validate);
    }

    public static bool IsJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Six bits and a sign in the first byte, then seven bits a byte.
    private void SkipVarInt()
    {
        byte first = ReadByte();
        ulong value = (ulong)(first & 0x3F);
        byte next = first;
        for (int shift = 6; (next & 0x80) != 0 && !Failed; shift += 7)
        {
            next = ReadByte();
            if (shift > 48)
            {
                Fail("An integer is larger than 2^53 - 1.");
                return;
            }

            value |= (ulong)(next & 0x7F) << shift;
        }

        if (value > MaxInteger)
        {
            Fail("An integer is larger than 2^53 - 1.");
        }
    }
}
