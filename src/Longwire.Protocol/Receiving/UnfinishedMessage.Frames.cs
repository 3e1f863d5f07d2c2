using System.Buffers;

namespace Longwire.Protocol;

// Frames: their headers, cut or whole, and the parts of their payloads.
internal sealed partial class UnfinishedMessage
{
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
