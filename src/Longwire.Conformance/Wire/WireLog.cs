using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Longwire.Conformance;

/// <summary>
/// The wire log, a line a frame. Bounded: of a long case the first and the last lines stay, and of a long payload the first
/// octets. Safe for the sending and the receiving side at once.
/// </summary>
internal sealed class WireLog(int maxLines, int maxOctets)
{
    private readonly Lock _lock = new();
    private readonly List<string> _first = [];
    private readonly Queue<string> _last = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _dropped;

    public void Note(string text) => Add($"   {text}");

    public void Sent(in WireFrame frame) =>
        Add(Describe("→", frame.Opcode, frame.Fin, frame.Rsv, frame.Payload.Span, frame.AnnouncedLength, frame.LengthBits, frame.Masked));

    public void Received(in ReceivedFrame frame) =>
        Add(Describe("←", frame.Opcode, frame.Fin, frame.Rsv, frame.Payload, null, 0, frame.Masked));

    public void SentOctets(ReadOnlySpan<byte> octets, string what) => Add($"→ {what}, {octets.Length} octets: {Preview(octets)}");

    public void Block(string direction, string text)
    {
        foreach (string line in text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Add($"{direction} {Shorten(line, 200)}");
        }
    }

    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            return _dropped == 0 ? [.. _first, .. _last] : [.. _first, $"… {_dropped} lines left out …", .. _last];
        }
    }

    public string Preview(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> part = payload[..Math.Min(payload.Length, maxOctets)];
        string more = part.Length < payload.Length ? "…" : "";
        bool printable = true;
        foreach (byte octet in part)
        {
            printable &= octet is >= 0x20 and < 0x7F;
        }

        return printable ? $"\"{Encoding.ASCII.GetString(part)}{more}\"" : $"{Convert.ToHexStringLower(part)}{more}";
    }

    private static string Shorten(string text, int length) =>
        text.Length <= length ? text : $"{text[..length]}… ({text.Length} characters)";

    private string Describe(
        string direction,
        byte opcode,
        bool fin,
        byte rsv,
        ReadOnlySpan<byte> payload,
        ulong? announced,
        int lengthBits,
        bool? masked
    )
    {
        StringBuilder line = new();
        line.Append(direction).Append(' ').Append(WireFrame.NameOf(opcode));
        line.Append(fin ? "" : " fin=0");
        if (rsv != 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" rsv={rsv}");
        }

        if (masked is { } bit && direction == "→")
        {
            line.Append(bit ? " masked" : " unmasked");
        }

        line.Append(CultureInfo.InvariantCulture, $" length={announced ?? (ulong)payload.Length}");
        if (lengthBits != 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" in {lengthBits} bits");
        }

        if (opcode == WireFrame.Close && payload.Length >= 2)
        {
            line.Append(CultureInfo.InvariantCulture, $" code={(payload[0] << 8) | payload[1]}");
            payload = payload[2..];
        }

        if (!payload.IsEmpty)
        {
            line.Append(' ').Append(Preview(payload));
        }

        return line.ToString();
    }

    private void Add(string line)
    {
        lock (_lock)
        {
            if (_first.Count < maxLines / 2)
            {
                _first.Add(Stamp(line));
                return;
            }

            _last.Enqueue(Stamp(line));
            if (_last.Count > maxLines / 2)
            {
                _last.Dequeue();
                _dropped++;
            }
        }
    }

    private string Stamp(string line) =>
        string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalMilliseconds, 9:F1} {line}");
}
