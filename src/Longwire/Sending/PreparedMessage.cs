using System.Buffers;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// A message that is framed once and sent to many connections. Immutable and thread safe; connections that queue it share its memory.
/// </summary>
public sealed class PreparedMessage
{
    private readonly byte[] _frame;
    private readonly byte _headerLength;
    private CompressedForm? _compressed; // newest first; there are as many as distinct settings among the receivers

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

    /// <summary>
    /// The message compressed by itself, referring to nothing before it, so that every connection of these settings can be sent it.
    /// It is compressed once for each of them.
    /// </summary>
    /// <param name="settings">The connection's.</param>
    /// <returns>The payload of a frame with RSV1; null when compressing is no gain.</returns>
    internal byte[]? Compressed(CompressorSettings settings)
    {
        for (CompressedForm? form = Volatile.Read(ref _compressed); form is not null; form = form.Next)
        {
            if (form.Settings == settings)
            {
                return form.Payload;
            }
        }

        var output = new ArrayBufferWriter<byte>();
        long length = DeflatePool.Shared.Deflate(Payload.Span, settings, output);
        byte[]? payload = length < Payload.Length ? output.WrittenSpan.ToArray() : null;
        // Two senders may compress at once; the forms are equal, so it doesn't matter whose is kept.
        var made = new CompressedForm(settings, payload);
        do
        {
            made.Next = Volatile.Read(ref _compressed);
        } while (Interlocked.CompareExchange(ref _compressed, made, made.Next) != made.Next);
        return payload;
    }

    // A type that is none would put an opcode on the wire that no message has.
    internal static void CheckType(MessageType type)
    {
        if (type is not (MessageType.Text or MessageType.Binary))
        {
            ThrowNoType(type);
        }
    }

    private static void ThrowNoType(MessageType type) =>
        throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary.");

    private sealed class CompressedForm(CompressorSettings settings, byte[]? payload)
    {
        public CompressorSettings Settings { get; } = settings;

        public byte[]? Payload { get; } = payload;

        public CompressedForm? Next { get; set; }
    }
}
