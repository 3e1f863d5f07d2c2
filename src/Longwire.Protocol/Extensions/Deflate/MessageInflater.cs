using System.Buffers;

namespace Longwire.Protocol;

/// <summary>
/// Inflates messages as RFC 7692 §7.2.2 says, a part at a time, cut anywhere: fed by frames or by what a read brought, with control
/// frames between. A peer's error is a value, never an exception. No allocation once it exists. Not thread-safe, except for
/// <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// <para>
/// A block with BFINAL=1 is legal anywhere (§7.2.3.4): the deflate stream ends there and the next byte begins a new one, with an empty
/// window, as zlib and the browsers do it.
/// </para>
/// <para>
/// A message must end where RFC 7692 says: in front of the length of an empty stored block. One that stops in the middle of a block is
/// <see cref="InflateStatus.Invalid"/>; without the check it would pass for a shorter message and spoil the next one. Two
/// short forms that some peers send are taken, as nothing is lost by it: no data at all for an empty message, and a message that ends
/// with the BFINAL block itself.
/// </para>
/// </remarks>
public sealed unsafe class MessageInflater : IDisposable
{
    /// <summary>The smallest window of RFC 7692: 2^8 bytes.</summary>
    public const int MinWindowBits = 8;

    /// <summary>The native memory of one decompressor: 42 KiB at any window, since zlib-ng always makes room for the largest.</summary>
    public const int MemoryBytes = 42 << 10;

    private const int MaxPieceBytes = 16 << 10;

    private readonly InflateHandle _handle;
    private int _windowBits;
    private long _messageBytes;
    private bool _failed;

    // Whether the next byte is the first of a deflate stream: after a reset and behind a BFINAL block.
    private bool _atStart = true;

    // Whether the message has had no byte yet.
    private bool _messageIsEmpty = true;

    /// <summary>Creates a decompressor. It takes <see cref="MemoryBytes"/> of native memory until it is disposed.</summary>
    /// <param name="windowBits">Base-2 logarithm of the peer's window, 8 to 15.</param>
    /// <param name="contextTakeover">Whether a message may refer to those before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is not within 8 to 15.</exception>
    /// <exception cref="InsufficientMemoryException">There is no native memory for it.</exception>
    public MessageInflater(int windowBits, bool contextTakeover)
    {
        ContextTakeover = contextTakeover;
        _windowBits = EffectiveWindowBits(windowBits);
        _handle = new InflateHandle(_windowBits);
    }

    /// <summary>Whether a message may refer to those before it.</summary>
    public bool ContextTakeover { get; }

    /// <summary>How many bytes the message under way has given so far.</summary>
    public long MessageBytes => _messageBytes;

    /// <summary>The lease that the pool took for it.</summary>
    internal DeflateLease? Lease { get; init; }

    /// <summary>Inflates a part of a message.</summary>
    /// <param name="part">Payload of compressed frames, unmasked, cut anywhere; may be empty.</param>
    /// <param name="endOfMessage">Whether the message ends with this part. The next call begins another.</param>
    /// <param name="maxMessageBytes">The limit of the whole message. Exactly as many bytes are allowed; not one more is written.</param>
    /// <param name="output">Takes the inflated bytes. It is asked for at most 16 KiB at a time and never for more than the limit
    /// leaves.</param>
    /// <returns>Once it is not <see cref="InflateStatus.Ok"/> it never is again, until <see cref="Reset(int)"/>.</returns>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public InflateStatus Inflate(ReadOnlySpan<byte> part, bool endOfMessage, long maxMessageBytes, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Inflate(part, endOfMessage, maxMessageBytes, ref output);
    }

    /// <inheritdoc cref="Inflate(ReadOnlySpan{byte}, bool, long, IBufferWriter{byte})"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public InflateStatus Inflate<TWriter>(ReadOnlySpan<byte> part, bool endOfMessage, long maxMessageBytes, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxMessageBytes);
        if (_failed)
        {
            return InflateStatus.Invalid;
        }

        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            // Should the output throw, the stream is of no use any more.
            _failed = true;
            InflateStatus status = part.IsEmpty ? InflateStatus.Ok : Run(part, maxMessageBytes, ref output);
            if (status == InflateStatus.Ok && endOfMessage)
            {
                status = EndMessage();
            }

            _failed = status != InflateStatus.Ok;
            return status;
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>Makes it as good as new, whatever happened before.</summary>
    /// <param name="windowBits">Base-2 logarithm of the peer's window, 8 to 15.</param>
    public void Reset(int windowBits)
    {
        _windowBits = EffectiveWindowBits(windowBits);
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            ResetStream(_handle.Stream);
            BeginMessage();
            _failed = false;
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

    // Older zlibs, asked to compress with a window of 8 bits, silently use 9. Their data is read too.
    private static int EffectiveWindowBits(int windowBits) =>
        Math.Max(DeflateArgument.InRange(windowBits, MinWindowBits, CompressorSettings.MaxWindowBits), 9);

    private void BeginMessage()
    {
        _messageBytes = 0;
        _messageIsEmpty = true;
    }

    private void ResetStream(NativeStream* stream)
    {
        int result = ZLibNative.InflateReset2(stream, -_windowBits);
        if (result != ZLibNative.Ok)
        {
            throw new InvalidOperationException($"zlib failed to reset ({result}).");
        }

        _atStart = true;
    }

    private InflateStatus Run<TWriter>(ReadOnlySpan<byte> part, long maxMessageBytes, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        NativeStream* stream = _handle.Stream;
        _messageIsEmpty = false;
        fixed (byte* input = part)
        {
            stream->NextIn = input;
            stream->AvailableIn = (uint)part.Length;
            bool more;
            do
            {
                InflateStatus status = Step(stream, maxMessageBytes - _messageBytes, ref output, out more);
                if (status != InflateStatus.Ok)
                {
                    return status;
                }
            } while (more);
        }

        return InflateStatus.Ok;
    }

    // One call of zlib. Each either takes input, gives output or ends the loop, so the loop ends however the data is made.
    private InflateStatus Step<TWriter>(NativeStream* stream, long room, ref TWriter output, out bool more)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        more = false;
        uint before = stream->AvailableIn;
        // At the limit zlib still gets a byte to write to: what lies behind may be the end of the block, or one byte too many.
        byte probe = 0;
        Span<byte> span = room <= 0 ? new Span<byte>(ref probe) : GetPiece(ref output, before, room);
        int result;
        uint left;
        fixed (byte* destination = span)
        {
            stream->NextOut = destination;
            stream->AvailableOut = (uint)span.Length;
            result = ZLibNative.Inflate(stream, ZLibNative.NoFlush);
            left = stream->AvailableOut;
        }

        int written = span.Length - (int)left;
        if (written > 0)
        {
            if (room <= 0)
            {
                return InflateStatus.TooBig;
            }

            output.Advance(written);
            _messageBytes += written;
        }

        switch (result)
        {
            case ZLibNative.Ok:
                _atStart = false;
                // A full piece may hide output that zlib has not given out yet, even when all input is taken.
                more = left == 0 || stream->AvailableIn != 0;
                return more && left != 0 && stream->AvailableIn == before ? InflateStatus.Invalid : InflateStatus.Ok;
            case ZLibNative.BufferError:
                return stream->AvailableIn == 0 ? InflateStatus.Ok : InflateStatus.Invalid;
            case ZLibNative.StreamEnd:
                ResetStream(stream);
                more = stream->AvailableIn != 0;
                return InflateStatus.Ok;
            case ZLibNative.MemoryError:
                throw new InsufficientMemoryException("zlib found no memory to inflate.");
            default:
                return InflateStatus.Invalid;
        }
    }

    private static Span<byte> GetPiece<TWriter>(ref TWriter output, uint availableIn, long room)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        // Memory follows the bytes received: text inflates to some four times its size, and what inflates to more comes back for more.
        int wanted = (int)Math.Min(room, Math.Clamp(availableIn * 4L, 256, MaxPieceBytes));
        Span<byte> span = output.GetSpan(wanted);
        return span.Length > room ? span[..(int)room] : span;
    }

    // Appends the tail 00 00 FF FF that the sender dropped. Behind it the data must be at the end of a block: with its "block" flush zlib
    // stops exactly there, so one byte more than the tail is given and must be left over. In the middle of a block it would be taken.
    private InflateStatus EndMessage()
    {
        NativeStream* stream = _handle.Stream;
        if (!_messageIsEmpty && !_atStart)
        {
            ReadOnlySpan<byte> tail = [0x00, 0x00, 0xFF, 0xFF, 0x00];
            byte* scratch = stackalloc byte[16];
            fixed (byte* input = tail)
            {
                stream->NextIn = input;
                stream->AvailableIn = (uint)tail.Length;
                stream->NextOut = scratch;
                stream->AvailableOut = 16;
                int result = ZLibNative.Inflate(stream, ZLibNative.Block);
                if (result != ZLibNative.Ok || stream->AvailableIn != 1 || stream->AvailableOut != 16)
                {
                    return InflateStatus.Invalid;
                }
            }
        }

        BeginMessage();
        if (!ContextTakeover)
        {
            ResetStream(stream);
        }

        return InflateStatus.Ok;
    }
}
