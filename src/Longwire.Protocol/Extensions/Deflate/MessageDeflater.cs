using System.Buffers;

namespace Longwire.Protocol;

/// <summary>
/// Compresses messages as RFC 7692 §7.2.1 says: raw deflate, flushed to a whole byte, without the four bytes 00 00 FF FF at the end.
/// One message after the other, each whole or in parts; no allocation once it exists. Not thread-safe, except for <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// <para>
/// A flush that ends a message is a sync flush with context takeover and a <em>full</em> flush without: a full flush puts the same empty
/// block on the wire and makes zlib forget what it has seen, so the next message refers to nothing before it. That is all a reset does,
/// and the native library of .NET 10 exports no other. The same full flush, its output thrown away, is <see cref="Reset"/>.
/// </para>
/// <para>
/// zlib-ng 2.2, which .NET ships, does not compress with a window of 8 bits; level 1 writes fixed Huffman codes only, and no level is
/// mapped to another. Tests pin this down.
/// </para>
/// </remarks>
public sealed unsafe class MessageDeflater : IDisposable
{
    private const int TailBytes = 4;

    private readonly DeflateHandle _handle;

    /// <summary>
    /// Creates a compressor. It takes <see cref="CompressorSettings.MemoryBytes"/> of native memory until it is disposed.
    /// </summary>
    /// <param name="settings">Window, level and memory level.</param>
    /// <param name="contextTakeover">Whether a message may refer to those before it.</param>
    /// <exception cref="InsufficientMemoryException">There is no native memory for it.</exception>
    public MessageDeflater(CompressorSettings settings, bool contextTakeover)
    {
        if (settings.WindowBits == 0)
        {
            throw new ArgumentException("The settings are not initialised.", nameof(settings));
        }

        Settings = settings;
        ContextTakeover = contextTakeover;
        _handle = new DeflateHandle(settings);
    }

    /// <summary>The settings that it was made with.</summary>
    public CompressorSettings Settings { get; }

    /// <summary>Whether a message may refer to those before it.</summary>
    public bool ContextTakeover { get; }

    /// <summary>Whether zlib holds bytes of an unfinished message. It stays so when the output could not be written.</summary>
    internal bool InsideMessage { get; private set; }

    /// <summary>The lease that the pool took for it.</summary>
    internal DeflateLease? Lease { get; init; }

    /// <summary>Compresses a whole message, or the last part of one.</summary>
    /// <param name="message">The message, or what is left of it; may be empty. An empty message becomes the one byte 00 (RFC 7692
    /// §7.2.3.6).</param>
    /// <param name="output">Takes the compressed bytes. It is asked for what is needed, at most 64 KiB at a time.</param>
    /// <returns>How many bytes were written by this call. It can be more than the message has, when that doesn't compress.</returns>
    public long Deflate(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Deflate(message, ref output);
    }

    /// <inheritdoc cref="Deflate(ReadOnlySpan{byte}, IBufferWriter{byte})"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public long Deflate<TWriter>(ReadOnlySpan<byte> message, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        if (message.IsEmpty && !InsideMessage)
        {
            return WriteEmptyBlockHeader(ref output);
        }

        return Run(message, ContextTakeover ? ZLibNative.SyncFlush : ZLibNative.FullFlush, endOfMessage: true, ref output);
    }

    /// <summary>Compresses a part of a message that is not its last. <see cref="Deflate"/> ends it.</summary>
    /// <param name="part">The part; may be empty.</param>
    /// <param name="output">Takes the compressed bytes that zlib gives out.</param>
    /// <param name="flush">
    /// Whether the peer shall be able to read all that was written so far; costs about five bytes. Without it zlib keeps back what it
    /// likes, possibly all of it.
    /// </param>
    /// <returns>How many bytes were written by this call; may be 0.</returns>
    public long DeflatePart(ReadOnlySpan<byte> part, IBufferWriter<byte> output, bool flush = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        return DeflatePart(part, ref output, flush);
    }

    /// <inheritdoc cref="DeflatePart(ReadOnlySpan{byte}, IBufferWriter{byte}, bool)"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public long DeflatePart<TWriter>(ReadOnlySpan<byte> part, ref TWriter output, bool flush = false)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        return part.IsEmpty && !InsideMessage
            ? 0
            : Run(part, flush ? ZLibNative.SyncFlush : ZLibNative.NoFlush, endOfMessage: false, ref output);
    }

    /// <summary>
    /// Forgets all earlier messages and the unfinished one. Legal at any time between messages, with context takeover too:
    /// a peer's window may hold more than we refer to.
    /// </summary>
    public void Reset()
    {
        byte* scratch = stackalloc byte[256];
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            NativeStream* stream = _handle.Stream;
            stream->AvailableIn = 0;
            do
            {
                stream->NextOut = scratch;
                stream->AvailableOut = 256;
                Check(ZLibNative.Deflate(stream, ZLibNative.FullFlush));
            } while (stream->AvailableOut == 0);
            InsideMessage = false;
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>Frees the native memory, at once or when a call under way on another thread has returned.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        Lease?.Dispose();
    }

    private static long WriteEmptyBlockHeader<TWriter>(ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        output.GetSpan(1)[0] = 0;
        output.Advance(1);
        return 1;
    }

    private static void Check(int result)
    {
        // A buffer error means that there was nothing to do. Anything else is a fault of ours: compressing can't fail otherwise.
        if (result is not (ZLibNative.Ok or ZLibNative.BufferError))
        {
            throw new InvalidOperationException($"zlib failed to compress ({result}).");
        }
    }

    private long Run<TWriter>(ReadOnlySpan<byte> input, int flush, bool endOfMessage, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            InsideMessage = true;
            long written;
            fixed (byte* start = input)
            {
                written = Run(_handle.Stream, start, (uint)input.Length, flush, endOfMessage, ref output);
            }

            InsideMessage = !endOfMessage;
            return written;
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    // The last four bytes that zlib has written are kept back until it is known whether more follow: at the message's end they are the
    // tail that RFC 7692 drops, and it may lie across two pieces of the output.
    private static long Run<TWriter>(NativeStream* stream, byte* input, uint length, int flush, bool endOfMessage, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        Span<byte> kept = stackalloc byte[TailBytes];
        int keptCount = 0;
        long written = 0;
        stream->NextIn = input;
        stream->AvailableIn = length;
        bool more;
        do
        {
            Span<byte> span = output.GetSpan((int)Math.Clamp(stream->AvailableIn / 2 + 64, 64, 64 << 10));
            kept[..keptCount].CopyTo(span);
            int filled;
            fixed (byte* destination = span)
            {
                stream->NextOut = destination + keptCount;
                stream->AvailableOut = (uint)(span.Length - keptCount);
                Check(ZLibNative.Deflate(stream, flush));
                filled = span.Length - (int)stream->AvailableOut;
                more = stream->AvailableOut == 0;
            }

            keptCount = endOfMessage ? Math.Min(TailBytes, filled) : 0;
            span[(filled - keptCount)..filled].CopyTo(kept);
            output.Advance(filled - keptCount);
            written += filled - keptCount;
        } while (more);

        // Nothing at all comes out when the part before was flushed and this one is empty: the tail of that flush is on the wire already,
        // so what ends the message is the header of one more empty block.
        return endOfMessage && keptCount == 0 ? WriteEmptyBlockHeader(ref output) : written;
    }
}
