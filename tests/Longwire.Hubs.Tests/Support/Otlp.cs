using System.Buffers.Binary;
using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>A span as a collector is told of it.</summary>
internal sealed record OtlpSpan
{
    public string Scope { get; init; } = "";
    public string TraceId { get; set; } = "";
    public string SpanId { get; set; } = "";
    public string ParentSpanId { get; set; } = "";
    public string Name { get; set; } = "";
    public ulong Kind { get; set; }
    public ulong Start { get; set; }
    public ulong End { get; set; }
    public ulong Status { get; set; }
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>
/// Reads an <c>ExportTraceServiceRequest</c> of OTLP 1 whole: a field that the protocol does not have, or of another type, is an error.
/// </summary>
internal static class Otlp
{
    private delegate void FieldReader(int field, ulong number, ReadOnlySpan<byte> bytes);

    public static List<OtlpSpan> ReadTraces(ReadOnlySpan<byte> request)
    {
        var spans = new List<OtlpSpan>();
        Read(request, "2", (_, _, resourceSpans) => Read(resourceSpans, "222", (field, _, part) => ReadResourcePart(field, part, spans)));
        return spans;
    }

    private static void ReadResourcePart(int field, ReadOnlySpan<byte> part, List<OtlpSpan> spans)
    {
        if (field == 1)
        {
            var resource = new Dictionary<string, object?>();
            Read(part, "20", (of, _, attribute) => ReadAttribute(of == 1, attribute, resource));
        }
        else if (field == 2)
        {
            string scope = "";
            var own = new List<OtlpSpan>();
            Read(
                part,
                "222",
                (of, _, bytes) =>
                {
                    if (of == 1)
                    {
                        Read(bytes, "2220", (at, _, text) => scope = at == 1 ? Encoding.UTF8.GetString(text) : scope);
                    }
                    else if (of == 2)
                    {
                        own.Add(ReadSpan(bytes));
                    }
                }
            );
            spans.AddRange(own.Select(span => span with { Scope = scope }));
        }
    }

    private static OtlpSpan ReadSpan(ReadOnlySpan<byte> bytes)
    {
        var span = new OtlpSpan();
        Read(
            bytes,
            "2222201120202025",
            (field, number, value) =>
            {
                switch (field)
                {
                    case 1:
                        span.TraceId = Convert.ToHexStringLower(value);
                        break;
                    case 2:
                        span.SpanId = Convert.ToHexStringLower(value);
                        break;
                    case 4:
                        span.ParentSpanId = Convert.ToHexStringLower(value);
                        break;
                    case 5:
                        span.Name = Encoding.UTF8.GetString(value);
                        break;
                    case 6:
                        span.Kind = number;
                        break;
                    case 7:
                        span.Start = number;
                        break;
                    case 8:
                        span.End = number;
                        break;
                    case 9:
                        ReadAttribute(true, value, span.Attributes);
                        break;
                    case 13:
                        Read(value, "222205", static (_, _, _) => { });
                        break;
                    case 15:
                        Read(value, " 20", (at, code, _) => span.Status = at == 3 ? code : span.Status);
                        break;
                    default:
                        break;
                }
            }
        );
        return span;
    }

    private static void ReadAttribute(bool isAttribute, ReadOnlySpan<byte> bytes, Dictionary<string, object?> attributes)
    {
        if (!isAttribute)
        {
            return;
        }

        string key = "";
        object? value = null;
        Read(
            bytes,
            "22",
            (field, _, part) =>
            {
                if (field == 1)
                {
                    key = Encoding.UTF8.GetString(part);
                }
                else
                {
                    Read(part, "2001222", (kind, number, text) => value = kind == 1 ? Encoding.UTF8.GetString(text) : (long)number);
                }
            }
        );
        attributes.Add(key, value);
    }

    /// <summary>
    /// Reads the fields of a message. The digits of <paramref name="wireTypes"/> are those of fields 1, 2, 3…: 0 for a number, 1 for eight
    /// bytes, 2 for bytes of a length, 5 for four bytes.
    /// </summary>
    private static void Read(ReadOnlySpan<byte> message, string wireTypes, FieldReader read)
    {
        while (message.Length > 0)
        {
            ulong tag = ReadVarint(ref message);
            int field = (int)(tag >> 3);
            int wireType = (int)(tag & 7);
            if (field < 1 || field > wireTypes.Length || wireTypes[field - 1] - '0' != wireType)
            {
                throw new InvalidDataException($"There is no field {field} of wire type {wireType} in \"{wireTypes}\".");
            }

            switch (wireType)
            {
                case 0:
                    read(field, ReadVarint(ref message), default);
                    break;
                case 1:
                    read(field, BinaryPrimitives.ReadUInt64LittleEndian(message), default);
                    message = message[8..];
                    break;
                case 5:
                    read(field, BinaryPrimitives.ReadUInt32LittleEndian(message), default);
                    message = message[4..];
                    break;
                default:
                    int length = checked((int)ReadVarint(ref message));
                    read(field, 0, message[..length]);
                    message = message[length..];
                    break;
            }
        }
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number has more than 64 bits.");
    }
}
