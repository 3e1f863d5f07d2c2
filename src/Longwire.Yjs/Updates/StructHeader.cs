using System.Text;

namespace Longwire.Yjs;

/// <summary>
/// One struct of an update, format V1: an item, a collected one (GC) or a hole (Skip). Its first byte holds the kind of its content in five
/// bits and says what follows: the item to its left (0x80), the one to its right (0x40), and where neither is there the parent, with a key
/// in it (0x20).
/// </summary>
internal readonly struct StructHeader
{
    public const int Collected = 0;
    public const int Deleted = 1;
    public const int Json = 2;
    public const int Binary = 3;
    public const int Text = 4;
    public const int Embed = 5;
    public const int Format = 6;
    public const int Type = 7;
    public const int Any = 8;
    public const int Document = 9;
    public const int Skip = 10;

    public const byte HasOrigin = 0x80;
    public const byte HasRightOrigin = 0x40;
    public const byte HasParentKey = 0x20;
    public const byte ContentBits = 0x1F;

    private const int LastType = 6;
    private const int XmlElementType = 3;
    private const int XmlHookType = 5;

    private StructHeader(byte info, int start, int afterOrigin, int content, long length, int end)
    {
        Info = info;
        Start = start;
        AfterOrigin = afterOrigin;
        ContentStart = content;
        Length = length;
        End = end;
    }

    public byte Info { get; }

    /// <summary>Where its first byte is.</summary>
    public int Start { get; }

    /// <summary>Where the right origin begins, if it has one.</summary>
    public int AfterOrigin { get; }

    public int ContentStart { get; }

    /// <summary>How many clocks it takes: of text, UTF-16 code units.</summary>
    public long Length { get; }

    /// <summary>Where the struct behind it begins.</summary>
    public int End { get; }

    public int Content => Info & ContentBits;

    public bool HasParent => Content is not (Collected or Skip) && (Info & (HasOrigin | HasRightOrigin)) == 0;

    /// <summary>Reads a struct.</summary>
    /// <param name="reader">Stands at the struct; behind it afterwards. Where it failed the struct is worth nothing.</param>
    /// <param name="validate">Whether the bytes are a peer's: then all is checked that would make a client throw.</param>
    public static StructHeader Read(ref Lib0Reader reader, bool validate)
    {
        int start = reader.Position;
        byte info = reader.ReadByte();
        int content = info & ContentBits;
        int afterOrigin = reader.Position;
        int contentStart = reader.Position;
        if (content is Collected or Skip)
        {
            if (info != content)
            {
                reader.Fail("A struct without content has flags.");
            }

            return End(ref reader, reader.ReadVarUint());
        }

        if ((info & HasOrigin) != 0)
        {
            SkipId(ref reader);
        }

        afterOrigin = reader.Position;
        if ((info & HasRightOrigin) != 0)
        {
            SkipId(ref reader);
        }

        if ((info & (HasOrigin | HasRightOrigin)) == 0)
        {
            SkipParent(ref reader, info, validate);
        }

        contentStart = reader.Position;
        return End(ref reader, ReadContent(ref reader, content, validate));

        StructHeader End(ref Lib0Reader reader, long length)
        {
            // Yjs writes no empty struct, but a Skip may have shrunk to nothing.
            if (length == 0 && content != Skip)
            {
                reader.Fail("A struct is empty.");
            }

            return new StructHeader(info, start, afterOrigin, contentStart, length, reader.Position);
        }
    }

    private static void SkipId(ref Lib0Reader reader)
    {
        reader.ReadVarUint();
        reader.ReadVarUint();
    }

    private static void SkipParent(ref Lib0Reader reader, byte info, bool validate)
    {
        // 1: one of the document's own types, by its name; else an item's ID.
        if (reader.ReadVarUint() == 1)
        {
            reader.ReadString(validate);
        }
        else
        {
            SkipId(ref reader);
        }

        if ((info & HasParentKey) != 0)
        {
            reader.ReadString(validate);
        }
    }

    // Returns its length.
    private static long ReadContent(ref Lib0Reader reader, int content, bool validate)
    {
        long length = 1;
        switch (content)
        {
            case Deleted:
                length = reader.ReadVarUint();
                break;
            case Json:
                length = reader.ReadVarUint();
                for (long left = length; left > 0 && !reader.Failed; left--)
                {
                    reader.SkipJson(validate, orUndefined: true);
                }

                break;
            case Binary:
                reader.ReadVarBytes();
                break;
            case Text:
                length = Encoding.UTF8.GetCharCount(reader.ReadString(validate));
                break;
            case Embed:
                reader.SkipJson(validate);
                break;
            case Format:
                reader.ReadString(validate);
                reader.SkipJson(validate);
                break;
            case Type:
                long type = reader.ReadVarUint();
                if (type is XmlElementType or XmlHookType)
                {
                    reader.ReadString(validate);
                }
                else if (type > LastType)
                {
                    reader.Fail("A type is none that Yjs knows.");
                }

                break;
            case Any:
                length = reader.ReadVarUint();
                for (long left = length; left > 0 && !reader.Failed; left--)
                {
                    reader.SkipAny(validate);
                }

                break;
            case Document:
                reader.ReadString(validate);
                reader.SkipObject(validate);
                break;
            default:
                reader.Fail("A struct has content of a kind that Yjs doesn't know.");
                break;
        }

        return length;
    }
}
