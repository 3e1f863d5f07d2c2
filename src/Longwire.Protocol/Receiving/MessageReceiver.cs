using System.Buffers;
using System.Runtime.InteropServices;

namespace Longwire.Protocol;

/// <summary>
/// The receiving half of a connection (RFC 6455 §5 and §6.2): bytes in, messages and control frames out. It unmasks in
/// place, checks text as it comes, and judges every frame by the rules of the peer's role.
/// </summary>
/// <remarks>
/// A message that lies whole in the input, in one frame, is handed out where it lies: nothing is copied or allocated.
/// Only what the end of the input cuts, or what comes in fragments, is assembled in pooled memory, which grows with the
/// bytes that arrived, never with the length announced. Between messages no memory is held.
/// Mutable: keep it in a field, don't copy it. Not thread safe.
/// </remarks>
public struct MessageReceiver
{
    private readonly ReceiverLimits _limits;
    private readonly PerMessageDeflate? _deflate;
    private UnfinishedMessage? _unfinished;
    private readonly WebSocketRole _role;
    private bool _ended;

    /// <summary>Makes a receiver.</summary>
    /// <param name="role">The role of this side; the peer has the other.</param>
    /// <param name="limits">The largest messages that are accepted.</param>
    /// <param name="deflate">The agreed compression; null for none.</param>
    public MessageReceiver(WebSocketRole role, ReceiverLimits limits, PerMessageDeflate? deflate = null)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _role = role;
        _limits = limits;
        _deflate = deflate;
    }

    /// <summary>The role of this side.</summary>
    public readonly WebSocketRole Role => _role;

    /// <summary>The agreed compression; null for none.</summary>
    public readonly PerMessageDeflate? Deflate => _deflate;

    /// <summary>Whether a message has begun and not ended, or a frame is cut: more bytes are owed by the peer.</summary>
    public readonly bool IsInsideMessage => _unfinished is { IsUnfinished: true };

    /// <summary>
    /// Grows with what arrives of the message that has begun: its payload as it comes, and one for each fragment. Control frames don't
    /// count.
    /// 0 between messages.
    /// </summary>
    public readonly long ArrivedBytes => _unfinished?.ArrivedBytes ?? 0;

    /// <summary>The memory in which the message that has begun is put together, in bytes.</summary>
    public readonly int HeldBytes => _unfinished?.HeldBytes ?? 0;

    /// <summary>Reads on until something is found or the input is used up.</summary>
    /// <param name="input">The bytes that have arrived; they are unmasked in place. On return the bytes not yet read.</param>
    /// <param name="received">The message, frame or error that was found. Its payload is valid until the next call.</param>
    /// <returns>The kind of what was found.</returns>
    public ReceivedKind Read(ref Span<byte> input, out Received received)
    {
        if (_unfinished is null && !_ended && TryReadShort(ref input, out received))
        {
            return received.Kind;
        }

        return ReadAny(ref input, out received);
    }

    /// <summary>
    /// Takes over the memory of the message that was just handed out, if it was assembled, so that it needn't be copied.
    /// </summary>
    /// <param name="array">
    /// An array of <see cref="ArrayPool{T}.Shared"/> that begins with the message's payload; the caller returns it.
    /// </param>
    /// <returns>False when the message lies in the input.</returns>
    public readonly bool TryTakeAssembly(out byte[] array)
    {
        if (_unfinished is not null)
        {
            return _unfinished.TryTakeAssembly(out array);
        }

        array = [];
        return false;
    }

    /// <summary>Ends receiving and returns pooled memory. All further input is ignored.</summary>
    public void End()
    {
        _ended = true;
        ReturnUnfinished();
    }

    // The most common case by far, which must cost next to nothing: a message of up to 125 bytes in one frame that can break no rule except
    // the one about UTF-8. Every other input is left to the general case, which judges it.
    private bool TryReadShort(ref Span<byte> input, out Received received)
    {
        received = default;
        if (input.Length < 2)
        {
            return false;
        }

        byte first = input[0];
        int mask = _role == WebSocketRole.Server ? 0x80 : 0;
        int length = input[1] ^ mask;
        int start = mask == 0 ? 2 : 6;
        if (
            first is not (0x80 | (byte)Opcode.Text or 0x80 | (byte)Opcode.Binary)
            || length > FrameHeader.MaxControlPayloadLength
            || start + length > input.Length
            || length > _limits.LargestMessageBytes
        )
        {
            return false;
        }

        Span<byte> payload = input.Slice(start, length);
        bool ascii = mask != 0 && Masking.ApplyToWhole(payload, MemoryMarshal.Read<uint>(input[2..]));
        input = input[(start + length)..];
        if (!ascii && first == (0x80 | (byte)Opcode.Text) && !Utf8Validator.IsValid(payload))
        {
            _ended = true;
            received = new Received(ProtocolErrors.TextNotUtf8);
            return true;
        }

        received = new Received(ReceivedKind.Message, payload, (MessageType)(first & 0x0F));
        return true;
    }

    private ReceivedKind ReadAny(ref Span<byte> input, out Received received)
    {
        if (_unfinished is null or { IsUnfinished: false })
        {
            ReturnUnfinished();
            if (_ended || input.IsEmpty)
            {
                input = default;
                received = default;
                return ReceivedKind.Nothing;
            }

            if (TryReadWhole(ref input, out received))
            {
                _ended = received.Kind is ReceivedKind.Close or ReceivedKind.Error;
                return received.Kind;
            }

            _unfinished = UnfinishedMessage.Rent(_limits, _role, _deflate);
        }

        ReceivedKind kind = _unfinished.Read(ref input, out received);
        _ended = _unfinished.IsEnded;
        if (kind == ReceivedKind.Nothing && !_unfinished.IsUnfinished)
        {
            ReturnUnfinished();
        }

        return kind;
    }

    // A frame that lies whole in the input and needs no assembling.
    private readonly bool TryReadWhole(ref Span<byte> input, out Received received)
    {
        received = default;
        if (
            FrameHeader.TryRead(input, out FrameHeader header, out int length, out _) != OperationStatus.Done
            || header.PayloadLength > input.Length - length
        )
        {
            return false;
        }

        ProtocolError error = FrameRules.Judge(
            header.FirstByte,
            header.Masked,
            header.PayloadLength,
            _role,
            isMessageOpen: false,
            _deflate is not null
        );
        if (error.Status != 0)
        {
            received = new Received(error);
            return true;
        }

        if (header.Opcode < Opcode.Close && (!header.Fin || header.Rsv1 || header.PayloadLength > _limits.LargestMessageBytes))
        {
            return false;
        }

        input = input[length..];
        WholeFrame.Read(header, ref input, out received);
        return true;
    }

    private void ReturnUnfinished()
    {
        _unfinished?.Return();
        _unfinished = null;
    }
}
