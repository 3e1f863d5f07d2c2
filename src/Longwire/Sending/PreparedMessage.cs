using Longwire.Protocol;

namespace Longwire;

/// <summary>A message that is framed once and sent to many connections. Immutable and thread safe; connections that queue it share its memory.</summary>
public sealed class PreparedMessage
{
    private readonly byte[] _frame;
    private readonly byte _headerLength;

    /// <summary>Frames a message.</summary>
    /// <param name="payload">The payload, which is copied. For <see cref="MessageType.Text"/> it must be UTF-8.</param>
    /// <param name="type">The type.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public PreparedMessage(ReadOnlySpan<byte> payload, MessageType type)
    {
        CheckType(type);
        var header = new FrameHeader((Opcode)type, payload.Length);
        Type = type;
        _headerLength = (byte)header.Length;
        _frame = GC.AllocateUninitializedArray<byte>(_headerLength + payload.Length);
        header.Write(_frame);
        payload.CopyTo(_frame.AsSpan(_headerLength));
    }

    /// <summary>The message's type.</summary>
    public MessageType Type { get; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Payload => _frame.AsMemory(_headerLength);

    /// <summary>The whole frame as a server sends it.</summary>
    internal ReadOnlySpan<byte> Frame => _frame;

    /// <summary>The frame's array, where the payload begins at <see cref="PayloadOffset"/>.</summary>
    internal byte[] Array => _frame;

    internal int PayloadOffset => _headerLength;

    // A type that is none would put an opcode on the wire that no message has.
    internal static void CheckType(MessageType type)
    {
        if (type is not (MessageType.Text or MessageType.Binary))
        {
            ThrowNoType(type);
        }
    }

    private static void ThrowNoType(MessageType type)
        => throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary.");
}
