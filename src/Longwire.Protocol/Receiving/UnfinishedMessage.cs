using System.Buffers;
using System.Runtime.CompilerServices;

namespace Longwire.Protocol;

/// <summary>
/// The part of a <see cref="MessageReceiver"/> that is there only while something has begun and not ended: a header that the end of the
/// input cut, a frame, a message in fragments or compressed. Between messages a connection has none, which keeps it small; so they
/// are pooled, a few for each thread.
/// </summary>
internal sealed class UnfinishedMessage
{
    // Streaming: a part is handed out when InflatedPartBytes have been inflated, and the inflater is fed at most CompressedPartBytes at a
    // time. Deflate expands at most about 1,000 times, which bounds what one step yields.
    private const int InflatedPartBytes = 16 << 10;
    private const int CompressedPartBytes = 256;

    // This many connections of a thread can be inside a message at once before the next one allocates.
    private const int MostPooled = 64;

    [ThreadStatic]
    private static Stack<UnfinishedMessage>? _pool;

    private ReceiverLimits _limits = ReceiverLimits.Default;
    private MessageAssembly _assembly; // the message so far, or the part of it that was not handed out
    private long _handedOut; // bytes of the open message that were handed out in parts
    private long _arrived; // bytes of the open message's payload as they came, and one for each fragment
    private int _fragments;
    private long _remaining; // bytes of the current frame's payload still to come
    private uint _maskingKey; // turned for the next of them
    private Utf8Validator _text;
    private HeaderBytes _header; // a header that the end of the input cut; a control frame's payload follows it
    private byte _headerLength;
    private byte[]? _control; // the payload of a control frame that the end of the input cut
    private byte _controlLength;
    private Opcode _opcode; // of the current frame
    private byte _message; // the type of the open message; 0 when none is open
    private bool _fin;
    private bool _assemblyHandedOut;
    private State _state;
    private bool _compressed; // whether the open message is
    private WebSocketRole _role;
    private PerMessageDeflate? _deflate;

    private bool IsMessageOpen => _message != 0;

    private enum State : byte
    {
        Header,
        Payload,
        Ended,
    }

    [InlineArray(FrameHeader.MaxLength)]
    private struct HeaderBytes
    {
        private byte _first;
    }

    /// <summary>Whether more bytes are owed by the peer.</summary>
    public bool IsUnfinished => IsMessageOpen || _headerLength != 0 || _state == State.Payload;

    /// <summary>Grows with what arrives of the open message, control frames aside.</summary>
    public long ArrivedBytes => _arrived;

    /// <summary>The memory that the message holds.</summary>
    public int HeldBytes => _assembly.Capacity;

    /// <summary>Whether a Close or an error has ended receiving.</summary>
    public bool IsEnded => _state == State.Ended;

    /// <summary>Takes one from the pool.</summary>
    public static UnfinishedMessage Rent(ReceiverLimits limits, WebSocketRole role, PerMessageDeflate? deflate)
    {
        if (_pool is null || !_pool.TryPop(out UnfinishedMessage? message))
        {
            message = new UnfinishedMessage();
        }

        message._limits = limits;
        message._role = role;
        message._deflate = deflate;
        return message;
    }

    /// <summary>Returns it to the pool, and its memory too.</summary>
    public void Return()
    {
        End();
        _state = State.Header;
        _text = default;
        _deflate = null;
        _pool ??= new Stack<UnfinishedMessage>();
        if (_pool.Count < MostPooled)
        {
            _pool.Push(this);
        }
    }

    /// <summary>Reads on until something is found or the input is used up.</summary>
    /// <param name="input">The bytes that have arrived; they are unmasked in place. On return the bytes not yet read.</param>
    /// <param name="received">The message, frame or error that was found. Its payload is valid until the next call.</param>
    /// <returns>The kind of what was found.</returns>
    public ReceivedKind Read(ref Span<byte> input, out Received received)
    {
        if (_assemblyHandedOut)
        {
            ReleaseAssembly();
        }

        if (_control is not null && _controlLength == 0)
        {
            ReleaseControl();
        }

        while (true)
        {
            switch (_state)
            {
                case State.Header:
                    if (input.IsEmpty)
                    {
                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    if (!TryReadHeader(ref input, out FrameHeader header, out ProtocolError error))
                    {
                        if (error.Status != 0)
                        {
                            return Fail(error, out received);
                        }

                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    error = Begin(header);
                    if (error.Status != 0)
                    {
                        return Fail(error, out received);
                    }

                    if (header.PayloadLength <= input.Length && TryReadWhole(header, ref input, out received))
                    {
                        return received.Kind;
                    }

                    _state = State.Payload;
                    break;

                case State.Payload:
                    if (input.IsEmpty && _remaining != 0)
                    {
                        received = default;
                        return ReceivedKind.Nothing;
                    }

                    if (ReadPayload(ref input, out received) != ReceivedKind.Nothing)
                    {
                        return received.Kind;
                    }

                    break;

                default:
                    input = default;
                    received = default;
                    return ReceivedKind.Nothing;
            }
        }
    }

    /// <summary>
    /// Takes over the memory of the message that was just handed out, if it was assembled, so that it needn't be copied.
    /// </summary>
    /// <param name="array">
    /// An array of <see cref="ArrayPool{T}.Shared"/> that begins with the message's payload; the caller returns it.
    /// </param>
    /// <returns>False when the message lies in the input.</returns>
    public bool TryTakeAssembly(out byte[] array)
    {
        if (!_assemblyHandedOut)
        {
            array = [];
            return false;
        }

        _assemblyHandedOut = false;
        return _assembly.TryTake(out array);
    }

    /// <summary>Ends receiving and returns pooled memory. All further input is ignored.</summary>
    public void End()
    {
        _state = State.Ended;
        _message = 0;
        _arrived = 0;
        _headerLength = 0;
        ReleaseAssembly();
        ReleaseControl();
    }

    // A header whole in the input is read where it lies; a cut one is gathered first.
    private bool TryReadHeader(ref Span<byte> input, out FrameHeader header, out ProtocolError error)
    {
        if (_headerLength == 0)
        {
            OperationStatus status = FrameHeader.TryRead(input, out header, out int length, out error);
            if (status == OperationStatus.Done)
            {
                input = input[length..];
                return true;
            }

            if (status == OperationStatus.InvalidData)
            {
                // The first two bytes arrived first, so a rule that they break is reported first.
                ProtocolError first = Judge(input);
                error = first.Status != 0 ? first : error;
                return false;
            }
        }

        while (!input.IsEmpty)
        {
            _header[_headerLength++] = input[0];
            input = input[1..];
            if (_headerLength < 2)
            {
                continue;
            }

            error = Judge(_header);
            if (error.Status != 0)
            {
                header = default;
                return false;
            }

            OperationStatus status = FrameHeader.TryRead(((ReadOnlySpan<byte>)_header)[.._headerLength], out header, out _, out error);
            if (status == OperationStatus.Done)
            {
                _headerLength = 0;
                return true;
            }

            if (status == OperationStatus.InvalidData)
            {
                return false;
            }
        }

        header = default;
        error = default;
        return false;
    }

    // A frame that arrives byte by byte fails as early as possible.
    private ProtocolError Judge(ReadOnlySpan<byte> firstTwo) =>
        FrameRules.Judge(firstTwo[0], (firstTwo[1] & 0x80) != 0, firstTwo[1] & 0x7F, _role, IsMessageOpen, _deflate is not null);

    private ProtocolError Begin(scoped in FrameHeader header)
    {
        ProtocolError error = FrameRules.Judge(
            header.FirstByte,
            header.Masked,
            header.PayloadLength,
            _role,
            IsMessageOpen,
            _deflate is not null
        );
        if (error.Status != 0)
        {
            return error;
        }

        _opcode = header.Opcode;
        _fin = header.Fin;
        _remaining = header.PayloadLength;
        _maskingKey = header.MaskingKey;
        if (_opcode >= Opcode.Close)
        {
            return default;
        }

        if (_opcode != Opcode.Continuation)
        {
            _message = (byte)_opcode;
            _fragments = 0;
            _compressed = header.Rsv1;
            _handedOut = 0;
            _arrived = 0;
        }

        _arrived++;
        if (header.PayloadLength > (_compressed ? LongestCompressed : _limits.LargestMessageBytes - _assembly.Length - _handedOut))
        {
            return ProtocolErrors.MessageTooBig;
        }

        return ++_fragments > _limits.MaxFragments ? ProtocolErrors.TooManyFragments : default;
    }

    // Incompressible data grows a little: five bytes for each stored block. The inflated size is limited while inflating.
    private long LongestCompressed => _limits.LargestMessageBytes + (_limits.LargestMessageBytes >> 8) + 1024L;

    private bool TryReadWhole(scoped in FrameHeader header, ref Span<byte> input, out Received received)
    {
        bool control = _opcode >= Opcode.Close;
        if (!control && (!_fin || _fragments > 1 || _compressed))
        {
            received = default;
            return false;
        }

        WholeFrame.Read(header, ref input, out received);
        _remaining = 0;
        if (!control)
        {
            _message = 0;
        }

        EndBehind(received.Kind);
        return true;
    }

    // A part of a frame's payload, possibly its last. Returns Nothing when reading continues.
    private ReceivedKind ReadPayload(ref Span<byte> input, out Received received)
    {
        int most = _compressed && _limits.InParts ? Math.Min(input.Length, CompressedPartBytes) : input.Length;
        Span<byte> part = input[..(int)Math.Min(most, _remaining)];
        input = input[part.Length..];
        _remaining -= part.Length;
        if (_role == WebSocketRole.Server)
        {
            _maskingKey = Masking.Apply(part, _maskingKey);
        }

        if (_opcode >= Opcode.Close)
        {
            _control ??= ArrayPool<byte>.Shared.Rent(FrameHeader.MaxControlPayloadLength);
            part.CopyTo(_control.AsSpan(_controlLength));
            _controlLength += (byte)part.Length;
            if (_remaining != 0)
            {
                received = default;
                return ReceivedKind.Nothing;
            }

            _state = State.Header;
            WholeFrame.HandOutControl(_opcode, _control.AsSpan(0, _controlLength), out received);
            _controlLength = 0;
            EndBehind(received.Kind);
            return received.Kind;
        }

        _arrived += part.Length;
        ProtocolError error = _compressed ? Inflate(part) : Append(part);
        if (error.Status != 0)
        {
            return Fail(error, out received);
        }

        if (_remaining == 0)
        {
            _state = State.Header;
        }

        bool ended = _fin && _remaining == 0;
        if (!ended && !(_limits.InParts && IsPartDue(part, input)))
        {
            received = default;
            return ReceivedKind.Nothing;
        }

        return HandOut(part, ended, out received);
    }

    private bool IsPartDue(ReadOnlySpan<byte> part, ReadOnlySpan<byte> rest) =>
        _compressed ? _assembly.Length != 0 && (_assembly.Length >= InflatedPartBytes || _remaining == 0 || rest.IsEmpty) : !part.IsEmpty;

    private ProtocolError Append(ReadOnlySpan<byte> part)
    {
        if (_message == (byte)MessageType.Text && !_text.Append(part))
        {
            return ProtocolErrors.TextNotUtf8;
        }

        if (!_limits.InParts)
        {
            _assembly.Append(part, _limits.MaxMessageBytes);
        }

        return default;
    }

    private ProtocolError Inflate(ReadOnlySpan<byte> part)
    {
        int before = _assembly.Length;
        var writer = new AssemblyWriter(ref _assembly, _limits.MaxMessageBytes);
        InflateStatus status = _deflate!.Inflate(part, endOfMessage: _fin && _remaining == 0, _limits.LargestMessageBytes, ref writer);
        // The first fault in the message is reported, however the network cut it.
        if (_message == (byte)MessageType.Text && !_text.Append(_assembly.Content[before..]))
        {
            return ProtocolErrors.TextNotUtf8;
        }

        return status switch
        {
            InflateStatus.Ok => default,
            InflateStatus.TooBig => ProtocolErrors.MessageTooBig,
            _ => ProtocolErrors.BadDeflateData,
        };
    }

    // The assembled message, or a part of one: the inflated bytes, or the part where it lies.
    private ReceivedKind HandOut(ReadOnlySpan<byte> part, bool ended, out Received received)
    {
        if (ended && _message == (byte)MessageType.Text && !_text.IsComplete)
        {
            return Fail(ProtocolErrors.TextNotUtf8, out received);
        }

        _assemblyHandedOut = _compressed || !_limits.InParts;
        received = new Received(
            _limits.InParts ? ReceivedKind.Part : ReceivedKind.Message,
            _assemblyHandedOut ? _assembly.Content : part,
            (MessageType)_message,
            ended
        );
        _handedOut += received.Payload.Length;
        _message = ended ? (byte)0 : _message;
        return received.Kind;
    }

    private ReceivedKind Fail(ProtocolError error, out Received received)
    {
        End();
        received = new Received(error);
        return ReceivedKind.Error;
    }

    private void EndBehind(ReceivedKind kind)
    {
        if (kind is ReceivedKind.Close or ReceivedKind.Error)
        {
            End();
        }
    }

    private void ReleaseAssembly()
    {
        _assemblyHandedOut = false;
        _assembly.Release();
    }

    private void ReleaseControl()
    {
        _controlLength = 0;
        if (_control is not null)
        {
            ArrayPool<byte>.Shared.Return(_control);
            _control = null;
        }
    }
}
