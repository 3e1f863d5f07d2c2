using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>
/// What makes a request the same as an earlier one: its id, for its type and the room or user it goes to; and its content.
/// </summary>
/// <param name="Type">The request's type.</param>
/// <param name="Target">The room's name or the user's id; empty when the type has neither.</param>
/// <param name="Id">The id that the client gave.</param>
/// <param name="Fingerprint">A hash of the content.</param>
internal readonly record struct RememberedRequest(ClientMessageType Type, string Target, string Id, ulong Fingerprint)
{
    public (ClientMessageType Type, string Target, string Id) Key => (Type, Target, Id);

    /// <summary>About what remembering it takes: both strings, the entries of a dictionary and a queue, the objects around them.</summary>
    public int Bytes => 192 + (sizeof(char) * (Target.Length + Id.Length));

    /// <summary>The same bytes give the same fingerprint, other bytes practically never.</summary>
    public static ulong FingerprintOf(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
