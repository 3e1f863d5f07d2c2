using System.Buffers.Binary;

namespace Longwire.Hubs;

/// <summary>
/// A request over HTTP, as it goes to the node of its session: <c>kind | hash of the secret | after | ticks to wait | body</c>. The secret
/// itself stays where it came in.
/// </summary>
internal sealed record SessionQuestion(SessionQuestionKind Kind, SecretHash Secret)
{
    private const int HeadBytes = 1 + SecretHash.Bytes + sizeof(long) + sizeof(long);

    /// <summary>Of a poll: the number of the answer that has come.</summary>
    public long After { get; init; }

    /// <summary>Of a poll: for how long to wait for something to tell.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Of what is sent: the body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    public byte[] Write()
    {
        byte[] content = new byte[HeadBytes + Body.Length];
        Span<byte> rest = content;
        rest[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt64BigEndian(rest[1..], Secret.Lower);
        BinaryPrimitives.WriteUInt64BigEndian(rest[9..], Secret.Upper);
        BinaryPrimitives.WriteInt64BigEndian(rest[17..], After);
        BinaryPrimitives.WriteInt64BigEndian(rest[25..], Wait.Ticks);
        Body.Span.CopyTo(rest[HeadBytes..]);
        return content;
    }

    /// <summary>Reads what another node wrote; null when it is none of ours.</summary>
    public static SessionQuestion? Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length < HeadBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = content.Span;
        var secret = new SecretHash(BinaryPrimitives.ReadUInt64BigEndian(rest[1..]), BinaryPrimitives.ReadUInt64BigEndian(rest[9..]));
        return new SessionQuestion((SessionQuestionKind)rest[0], secret)
        {
            After = BinaryPrimitives.ReadInt64BigEndian(rest[17..]),
            Wait = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(rest[25..])),
            Body = content[HeadBytes..],
        };
    }
}
