using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Fuzzing;

/// <summary>
/// Yjs updates, format V1, as slowly and plainly as can be: each clock of each client is a line of text that says all there is to know of
/// it. Bytes that are no update raise an exception.
/// </summary>
internal sealed class NaiveYjs
{
    /// <summary>More clocks in one struct or range than this are not taken apart.</summary>
    private const long MostClocks = 300;

    private const int MostDepth = 100;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _bytes = [];
    private int _position;

    public Dictionary<(long Client, long Clock), string> Units { get; } = [];

    public HashSet<(long Client, long Clock)> Deleted { get; } = [];

    /// <summary>Whether something was too large to be taken apart: then only what is an update and what isn't can be judged.</summary>
    public bool IsBlind { get; private set; }

    /// <summary>Takes an update, or nothing of it when it is none.</summary>
    public bool TryApply(byte[] update)
    {
        var units = new List<((long, long), string)>();
        var deleted = new List<(long, long)>();
        bool blind = IsBlind;
        try
        {
            (_bytes, _position) = (update, 0);
            Read(units, deleted);
        }
        catch (Exception exception)
            when (exception is IndexOutOfRangeException or FormatException or JsonException or ArgumentException or OverflowException)
        {
            IsBlind = blind;
            return false;
        }

        foreach (((long, long) id, string unit) in units)
        {
            Units.TryAdd(id, unit);
        }

        Deleted.UnionWith(deleted);
        return true;
    }

    /// <summary>How far each client is known without a hole.</summary>
    public long ContiguousEnd(long client)
    {
        long clock = 0;
        while (Units.ContainsKey((client, clock)))
        {
            clock++;
        }

        return clock;
    }

    private void Read(List<((long, long), string)> units, List<(long, long)> deleted)
    {
        var seen = new HashSet<long>();
        for (long blocks = Number(); blocks > 0; blocks--)
        {
            long count = Number();
            long client = Number();
            long clock = Number();
            Require(seen.Add(client));
            for (; count > 0; count--)
            {
                clock = Struct(client, clock, units);
                Require(clock < 1L << 53);
            }
        }

        for (long clients = Number(); clients > 0; clients--)
        {
            long client = Number();
            for (long ranges = Number(); ranges > 0; ranges--)
            {
                long clock = Number();
                long length = Number();
                Require(clock + length < 1L << 53);
                IsBlind |= length > MostClocks;
                for (long i = 0; i < length && i < MostClocks; i++)
                {
                    deleted.Add((client, clock + i));
                }
            }
        }

        Require(_position == _bytes.Length);
    }

    private long Struct(long client, long clock, List<((long, long), string)> units)
    {
        int info = Byte();
        int content = info & 31;
        string? origin = null;
        string? right = null;
        string parent = "";
        if (content is 0 or 10)
        {
            Require(info == content);
            long length = Number();
            Require(length > 0 || content == 10);
            if (content == 0)
            {
                Add(Repeat("collected", length), length);
            }

            return checked(clock + length);
        }

        origin = (info & 128) != 0 ? Id() : null;
        right = (info & 64) != 0 ? Id() : null;
        if (origin is null && right is null)
        {
            parent = Number() == 1 ? $"of {Text()}" : $"in {Id()}";
            parent += (info & 32) != 0 ? $" at {Text()}" : "";
        }

        return Content(content);

        long Content(int kind)
        {
            (IEnumerable<string> parts, long length) = Parts(kind);
            Require(length > 0);
            Add(parts, length);
            return checked(clock + length);
        }

        void Add(IEnumerable<string> parts, long length)
        {
            IsBlind |= length > MostClocks;
            long i = 0;
            foreach (string part in parts.Take((int)MostClocks))
            {
                string left =
                    i > 0 ? $"left {client}.{clock + i - 1}"
                    : origin is not null ? $"left {origin}"
                    : parent;
                units.Add(((client, clock + i), content == 0 ? part : $"{left} right {right} {part}"));
                i++;
            }
        }
    }

    private (IEnumerable<string> Parts, long Length) Parts(int kind)
    {
        switch (kind)
        {
            case 1:
                long length = Number();
                return (Repeat("deleted", length), length);
            case 2:
                return List(() =>
                {
                    string text = Text();
                    if (text != "undefined")
                    {
                        CheckJson(text);
                    }

                    return $"json {text}";
                });
            case 3:
                return One($"binary {Convert.ToHexString(Blob())}");
            case 4:
                string written = Text();
                return (written.Select(static unit => $"text {(int)unit:x4}"), written.Length);
            case 5:
                string embed = Text();
                CheckJson(embed);
                return One($"embed {embed}");
            case 6:
                string key = Text();
                string value = Text();
                CheckJson(value);
                return One($"format {key} {value}");
            case 7:
                long type = Number();
                Require(type <= 6);
                return One($"type {type} {(type is 3 or 5 ? Text() : "")}");
            case 8:
                return List(() => $"any {Any(0)}");
            case 9:
                string guid = Text();
                Require(_bytes[_position] == 118);
                return One($"document {guid} {Any(0)}");
            default:
                throw new FormatException();
        }
    }

    private static (IEnumerable<string> Parts, long Length) One(string part) => ([part], 1);

    private static IEnumerable<string> Repeat(string part, long count) => Enumerable.Repeat(part, (int)Math.Min(count, MostClocks));

    private (IEnumerable<string> Parts, long Length) List(Func<string> read)
    {
        var parts = new List<string>();
        long length = Number();
        for (long i = 0; i < length; i++)
        {
            parts.Add(read());
        }

        return (parts, length);
    }

    // The bytes of a value, which say what it is; read for where it ends.
    private string Any(int depth)
    {
        Require(depth <= MostDepth);
        int start = _position;
        switch (Byte())
        {
            case 127 or 126 or 121 or 120:
                break;
            case 125:
                int first = Byte();
                ulong number = (ulong)(first & 63);
                int next = first;
                for (int shift = 6; (next & 128) != 0; shift += 7)
                {
                    next = Byte();
                    Require(shift <= 48);
                    number |= (ulong)(next & 127) << shift;
                }

                Require(number < 1UL << 53);
                break;
            case 124:
                Take(4);
                break;
            case 123 or 122:
                Take(8);
                break;
            case 119:
                Text();
                break;
            case 118:
                for (long count = Number(); count > 0; count--)
                {
                    Text();
                    Any(depth + 1);
                }

                break;
            case 117:
                for (long count = Number(); count > 0; count--)
                {
                    Any(depth + 1);
                }

                break;
            case 116:
                Blob();
                break;
            default:
                throw new FormatException();
        }

        return Convert.ToHexString(_bytes[start.._position]);
    }

    private static void CheckJson(string text) => JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MostDepth }).Dispose();

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException();
        }
    }

    private string Id() => string.Create(CultureInfo.InvariantCulture, $"{Number()}.{Number()}");

    private int Byte() => _bytes[_position++];

    private byte[] Take(long count)
    {
        Require(count <= _bytes.Length - _position);
        byte[] taken = _bytes[_position..(_position + (int)count)];
        _position += taken.Length;
        return taken;
    }

    private byte[] Blob() => Take(Number());

    private string Text() => _strict.GetString(Blob());

    private long Number()
    {
        long value = 0;
        for (int i = 0; i < 8; i++)
        {
            int next = Byte();
            value |= (long)(next & 127) << (7 * i);
            if (next < 128)
            {
                Require(value < 1L << 53);
                return value;
            }
        }

        throw new FormatException();
    }
}
