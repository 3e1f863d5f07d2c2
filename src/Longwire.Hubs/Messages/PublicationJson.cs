using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// Publications are kept as JSON objects without a position, because the engine decides it last. This puts the position in:
/// <c>{…,"epoch":"…","offset":n}</c>.
/// </summary>
internal static class PublicationJson
{
    /// <summary>Room for both names, the punctuation and the longest offset.</summary>
    private const int PositionBytes = 64;

    /// <summary>Frames a publication once, for all who get it.</summary>
    public static PreparedMessage Prepare(Publication publication)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(MaxBytes(publication));
        int length = Write(publication, rented);
        var message = new PreparedMessage(rented.AsSpan(0, length), MessageType.Text);
        ArrayPool<byte>.Shared.Return(rented);
        return message;
    }

    public static int MaxBytes(Publication publication) =>
        publication.Json.Length + PositionBytes + Encoding.UTF8.GetMaxByteCount(publication.Position.Epoch.Length);

    /// <summary>Writes the whole object. The one kept always has a <c>type</c>, so that a comma is always right.</summary>
    public static int Write(Publication publication, Span<byte> destination)
    {
        ReadOnlySpan<byte> fields = publication.Json.Span[..^1];
        fields.CopyTo(destination);
        int length = fields.Length;
        length += Copy(",\"epoch\":\""u8, destination[length..]);
        length += Encoding.UTF8.GetBytes(publication.Position.Epoch, destination[length..]);
        length += Copy("\",\"offset\":"u8, destination[length..]);
        Utf8Formatter.TryFormat(publication.Position.Offset, destination[length..], out int digits);
        length += digits;
        destination[length] = (byte)'}';
        return length + 1;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
