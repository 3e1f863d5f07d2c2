using System.Text;

namespace Longwire.Conformance;

/// <summary>An event that a case sees: a whole message, a pong, or the passing of a pause.</summary>
internal readonly record struct PeerEvent(PeerEventKind Kind, byte[] Payload)
{
    public static PeerEvent Text(byte[] payload) => new(PeerEventKind.Text, payload);

    public static PeerEvent Text(string payload) => new(PeerEventKind.Text, Encoding.UTF8.GetBytes(payload));

    public static PeerEvent Binary(byte[] payload) => new(PeerEventKind.Binary, payload);

    public static PeerEvent Pong(string payload = "") => new(PeerEventKind.Pong, Encoding.UTF8.GetBytes(payload));

    public static PeerEvent Pong(byte[] payload) => new(PeerEventKind.Pong, payload);

    public static PeerEvent Pause(string name) => new(PeerEventKind.Pause, Encoding.UTF8.GetBytes(name));

    public bool Equals(PeerEvent other) => Kind == other.Kind && Payload.AsSpan().SequenceEqual(other.Payload);

    public override int GetHashCode() => HashCode.Combine(Kind, Payload.Length);

    public override string ToString()
    {
        string name = Kind switch
        {
            PeerEventKind.Text => "text",
            PeerEventKind.Binary => "binary",
            PeerEventKind.Pong => "pong",
            _ => "pause",
        };
        const int Shown = 24;
        ReadOnlySpan<byte> part = Payload.AsSpan(0, Math.Min(Shown, Payload.Length));
        bool printable = true;
        foreach (byte octet in part)
        {
            printable &= octet is >= 0x20 and < 0x7F;
        }

        string shown = printable ? Encoding.ASCII.GetString(part) : Convert.ToHexStringLower(part);
        return $"{name}({Payload.Length}{(part.IsEmpty ? "" : ": ")}{shown}{(Payload.Length > Shown ? "…" : "")})";
    }
}
