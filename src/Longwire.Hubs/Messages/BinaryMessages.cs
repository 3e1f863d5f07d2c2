using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Longwire.Hubs;

/// <summary>Reads and writes binary messages, as <c>docs/protocol/hub.md</c> has them. A text is its length and UTF-8.</summary>
internal static class BinaryMessages
{
    /// <summary>The first byte of a message.</summary>
    public const byte Version = 1;

    /// <summary>
    /// <c>01 | n room | n userId | n username | n epoch | varint offset | n tag | 8 bytes timestamp, big-endian | payload</c>
    /// </summary>
    /// <param name="room">The room as its members know it; empty for none.</param>
    /// <param name="sender">In whose name; null for the application.</param>
    /// <param name="position">Its place; without an epoch it is passing, and has neither offset nor tag.</param>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="payload">The bytes; they are copied.</param>
    public static PreparedMessage Frame(
        string room,
        PublicationSender? sender,
        RoomPosition position,
        long timestamp,
        ReadOnlySpan<byte> payload
    )
    {
        Span<byte> tag = stackalloc byte[16];
        int tagLength = 0;
        if (position.Epoch.Length > 0)
        {
            position.Tag.TryFormat(tag, out tagLength, "x16");
        }

        int texts = room.Length + (sender?.UserId.Length ?? 0) + (sender?.Username.Length ?? 0) + position.Epoch.Length;
        byte[] message = ArrayPool<byte>.Shared.Rent(1 + (3 * texts) + (6 * Varint.MaxLength) + tag.Length + sizeof(long) + payload.Length);
        message[0] = Version;
        Span<byte> left = message.AsSpan(1);
        Write(room, ref left);
        Write(sender?.UserId ?? "", ref left);
        Write(sender?.Username ?? "", ref left);
        Write(position.Epoch, ref left);
        left = left[Varint.Write(position.Epoch.Length > 0 ? position.Offset : 0, left)..];
        left = left[Varint.Write(tagLength, left)..];
        tag[..tagLength].CopyTo(left);
        left = left[tagLength..];
        BinaryPrimitives.WriteInt64BigEndian(left, timestamp);
        payload.CopyTo(left[sizeof(long)..]);
        int length = message.Length - left.Length + sizeof(long) + payload.Length;
        var frame = new PreparedMessage(message.AsSpan(0, length), MessageType.Binary);
        ArrayPool<byte>.Shared.Return(message);
        return frame;
    }

    /// <summary>Reads <c>01 | n room | n id | payload</c>. False when it is none.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> message,
        int maxRoomLength,
        out string room,
        out string id,
        out ReadOnlySpan<byte> payload
    )
    {
        id = "";
        room = "";
        payload = message;
        if (message.IsEmpty || message[0] != Version)
        {
            return false;
        }

        payload = message[1..];
        return TryRead(ref payload, maxRoomLength, out room) && TryRead(ref payload, ClientMessage.MaxIdLength, out id);
    }

    /// <summary>Reads the room and the payload of passing bytes as <see cref="Frame"/> writes them.</summary>
    public static ReadOnlySpan<byte> ReadPassing(ReadOnlySpan<byte> message, out string room)
    {
        ReadOnlySpan<byte> left = message[1..];
        TryRead(ref left, left.Length, out room);
        // No sender, epoch, offset and tag: each of them is one zero.
        return left[(5 + sizeof(long))..];
    }

    private static void Write(string text, ref Span<byte> left)
    {
        left = left[Varint.Write(Encoding.UTF8.GetByteCount(text), left)..];
        left = left[Encoding.UTF8.GetBytes(text, left)..];
    }

    private static bool TryRead(ref ReadOnlySpan<byte> left, int maxLength, out string text)
    {
        text = "";
        if (!Varint.TryReadBytes(ref left, out ReadOnlySpan<byte> bytes) || bytes.Length > 3 * maxLength || !Utf8.IsValid(bytes))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(bytes);
        return text.Length <= maxLength;
    }
}
