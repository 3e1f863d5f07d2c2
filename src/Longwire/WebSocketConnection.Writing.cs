using System.Buffers;
using Longwire.Protocol;

namespace Longwire;

// Writing: a message that was taken becomes a frame in the transport's output, or waits in the queue.
public sealed partial class WebSocketConnection
{
    private const int WriteThroughBytes = 8 << 10;

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private bool Write(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared = null, bool compress = true)
    {
        if (OpenMessage is not null && opcode < Opcode.Close)
        {
            Hold(opcode, payload, prepared, compress);
            return false;
        }

        if (!_flushing && payload.Length <= SendQueue.SliceBytes)
        {
            if (opcode < Opcode.Close && compress
                && MessageCompressor.TryCompress(_receiver.Deflate, payload, prepared, out ReadOnlySpan<byte> compressed))
            {
                WriteFrame(opcode, compressed, prepared: null, rsv1: true);
            }
            else
            {
                WriteFrame(opcode, payload, prepared);
            }

            MessageCompressor.Release();
            return BeginFlushUnlessCorked();
        }

        _queue ??= new SendQueue();
        if (opcode == Opcode.Pong)
        {
            _queue.AddPong(payload);
        }
        else if (prepared is not null)
        {
            _queue.Add(prepared);
        }
        else
        {
            _queue.Add(opcode, payload, compress);
        }

        if (_flushing)
        {
            return false;
        }

        _outputBytes += _queue.Drain(_transport.Output, Role, _receiver.Deflate);
        BeginFlush();
        return true;
    }

    private void WriteFrame(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared, bool rsv1 = false, bool fin = true)
    {
        IBufferWriter<byte> output = _transport.Output;
        int length;
        if (payload.Length >= WriteThroughBytes && TryWriteThrough(opcode, payload, prepared, rsv1, fin, out length))
        {
            _outputBytes += length;
            return;
        }

        if (Role == WebSocketRole.Client)
        {
            var header = new FrameHeader(opcode, payload.Length, MaskingKeys.Next(), fin, rsv1);
            Span<byte> frame = output.GetSpan(FrameHeader.MaxLength + payload.Length);
            length = header.Write(frame);
            Masking.Apply(payload, frame[length..], header.MaskingKey);
            length += payload.Length;
        }
        else if (prepared is not null)
        {
            length = prepared.Frame.Length;
            prepared.Frame.CopyTo(output.GetSpan(length));
        }
        else
        {
            Span<byte> frame = output.GetSpan(FrameHeader.MaxLength + payload.Length);
            length = new FrameHeader(opcode, payload.Length, fin, rsv1).Write(frame);
            payload.CopyTo(frame[length..]);
            length += payload.Length;
        }

        output.Advance(length);
        _outputBytes += length;
    }

    // What is large is not copied where the transport can do without.
    private bool TryWriteThrough(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared, bool rsv1, bool fin, out int length)
    {
        length = 0;
        if (Role == WebSocketRole.Client)
        {
            return false;
        }

        if (prepared is not null)
        {
            length = prepared.Frame.Length;
            return _transport.TryWriteThrough(prepared.Frame, default);
        }

        Span<byte> header = stackalloc byte[FrameHeader.MaxLength];
        header = header[..new FrameHeader(opcode, payload.Length, fin, rsv1).Write(header)];
        length = header.Length + payload.Length;
        return _transport.TryWriteThrough(header, payload);
    }
}
