using System.Text;

namespace Longwire.Hubs.Testing;

/// <summary>A binary message that a client got. Immutable.</summary>
public sealed class ReceivedBytes
{
    private ReceivedBytes(string room, string userId, long? offset, byte[] payload)
    {
        Room = room;
        UserId = userId;
        Offset = offset;
        Payload = payload;
    }

    /// <summary>The room it belongs to; empty for none.</summary>
    public string Room { get; }

    /// <summary>The user it came from; empty for the application.</summary>
    public string UserId { get; }

    /// <summary>Its offset, if it was published; null for one that is passing.</summary>
    public long? Offset { get; }

    /// <summary>The bytes that were sent.</summary>
    public IReadOnlyList<byte> Payload { get; }

    // 01 | n room | n userId | n username | n epoch | varint offset | n tag | 8 bytes timestamp | payload
    internal static ReceivedBytes Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> left = message[1..];
        string room = ReadText(ref left);
        string userId = ReadText(ref left);
        ReadText(ref left);
        string epoch = ReadText(ref left);
        int offsetBytes = left.IndexOfAnyInRange((byte)0, (byte)0x7f) + 1;
        long offset = 0;
        for (int index = 0; index < offsetBytes; index++)
        {
            offset |= (long)(left[index] & 0x7f) << (7 * index);
        }

        left = left[offsetBytes..];
        ReadText(ref left);
        return new ReceivedBytes(room, userId, epoch.Length > 0 ? offset : null, left[sizeof(long)..].ToArray());
    }

    private static string ReadText(ref ReadOnlySpan<byte> source) =>
        Varint.TryReadBytes(ref source, out ReadOnlySpan<byte> bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw new InvalidDataException("The hub sent a binary message that breaks its own format.");
}
