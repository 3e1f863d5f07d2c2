using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>
/// The answer to a request over HTTP, which another node may have given: <c>status | seconds after which to come back | body</c>.
/// </summary>
/// <param name="StatusCode">The status.</param>
/// <param name="Body">The body, JSON; empty for none.</param>
/// <param name="RetryAfterSeconds">The seconds in <c>Retry-After</c>; 0 for none.</param>
internal sealed record HttpAnswer(int StatusCode, ReadOnlyMemory<byte> Body, int RetryAfterSeconds = 0)
{
    private const int HeadBytes = sizeof(ushort) + sizeof(int);

    /// <summary>A session was ended as its client wanted.</summary>
    public static HttpAnswer Ended { get; } = new(StatusCodes.Status204NoContent, default);

    public byte[] Write()
    {
        byte[] content = new byte[HeadBytes + Body.Length];
        BinaryPrimitives.WriteUInt16BigEndian(content, (ushort)StatusCode);
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(sizeof(ushort)), RetryAfterSeconds);
        Body.Span.CopyTo(content.AsSpan(HeadBytes));
        return content;
    }

    /// <summary>Reads what another node wrote; null when it had no answer.</summary>
    public static HttpAnswer? Read(ReadOnlyMemory<byte> content) =>
        content.Length < HeadBytes
            ? null
            : new HttpAnswer(
                BinaryPrimitives.ReadUInt16BigEndian(content.Span),
                content[HeadBytes..],
                BinaryPrimitives.ReadInt32BigEndian(content.Span[sizeof(ushort)..])
            );
}
