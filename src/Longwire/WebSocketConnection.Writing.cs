using System.Buffers;
using System.Runtime.InteropServices;
using Longwire.Protocol;

namespace Longwire;

// Writing: a message that was taken becomes a frame in the transport's output, or waits in the queue.
public sealed partial class WebSocketConnection
{
    private IBufferWriter<byte> Output
    {
        get
        {
            CloseWindow();
            return _transport.Output;
        }
    }

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private bool Write(
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared = null,
        bool compress = true,
        in SendOptions options = default
    )
    {
        if (OpenMessage is not null && opcode < Opcode.Close)
        {
            Hold(opcode, payload, prepared, compress);
            return false;
        }

        bool free = IsOutputFree;
        if (free && payload.Length <= SendQueue.SliceBytes && _queue is null or { IsEmpty: true })
        {
            if (_receiver.Deflate is { } deflate && compress && opcode < Opcode.Close)
            {
                WriteCompressed(deflate, opcode, payload, prepared);
            }
            else
            {
                WriteFrame(opcode, payload, prepared);
            }

            return BeginFlushUnlessCorked();
        }

        _direct = false;
        _queue ??= new SendQueue();
        if (opcode == Opcode.Pong)
        {
            _queue.AddPong(payload);
        }
        else if (prepared is not null)
        {
            _queue.Add(prepared, options);
        }
        else
        {
            _queue.Add(opcode, payload, compress);
        }

        if (!free)
        {
            CountWaiting();
            return false;
        }

        _outputBytes += _queue.Drain(Output, Role, _receiver.Deflate);
        CountWaiting();
        BeginFlush();
        return true;
    }

    private void WriteCompressed(PerMessageDeflate deflate, Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared)
    {
        if (MessageCompressor.TryCompress(deflate, payload, prepared, out ReadOnlySpan<byte> compressed))
        {
            WriteFrame(opcode, compressed, prepared: null, rsv1: true);
        }
        else
        {
            WriteFrame(opcode, payload, prepared);
        }

        MessageCompressor.Release();
    }

    private void WriteFrame(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared, bool rsv1 = false, bool fin = true)
    {
        if (Role == WebSocketRole.Client)
        {
            WriteMaskedFrame(new FrameHeader(opcode, payload.Length, MaskingKeys.Next(), fin, rsv1), payload);
            return;
        }

        if (prepared is not null)
        {
            WriteFrame(prepared.Frame, default);
        }
        else if (payload.Length <= FrameHeader.MaxControlPayloadLength)
        {
            // Most are short, and their headers of two bytes are better written and read as one value.
            ushort bytes = SendWindow.ShortHeader(opcode, payload.Length, fin, rsv1);
            WriteFrame(MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(ref bytes)), payload);
        }
        else
        {
            WriteFrame(new FrameHeader(opcode, payload.Length, fin, rsv1), payload);
        }
    }

    private void WriteFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.MaxLength];
        WriteFrame(bytes[..header.Write(bytes)], payload);
    }

    private void WriteFrame(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        CloseWindow();
        int length = header.Length + payload.Length;
        if (!_transport.TryWrite(header, payload, inReceive: _corkedBy != 0))
        {
            IBufferWriter<byte> output = _transport.Output;
            Span<byte> frame = output.GetSpan(length);
            header.CopyTo(frame);
            payload.CopyTo(frame[header.Length..]);
            output.Advance(length);
        }

        _outputBytes += length;
    }

    private void WriteMaskedFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        IBufferWriter<byte> output = Output;
        Span<byte> frame = output.GetSpan(FrameHeader.MaxLength + payload.Length);
        int length = header.Write(frame);
        Masking.Apply(payload, frame[length..], header.MaskingKey);
        length += payload.Length;
        output.Advance(length);
        _outputBytes += length;
    }
}
