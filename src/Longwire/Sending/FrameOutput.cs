using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// A connection's use of its transport's output: whose it is, and frames written into it. Mutable: keep it in a field, don't copy it.
/// </summary>
/// <remarks>
/// Guarded by the connection's send lock, with one exception: while the owner is <see cref="OutputOwner.ReaderDirect"/>, the thread that
/// works through a read writes without it. A thread that puts something in its way takes that back under the lock, and a frame that is
/// being written at that moment goes before it.
/// </remarks>
internal struct FrameOutput
{
    // This thread's number, once it has worked through a read: the runtime's own takes a call for each message.
    [ThreadStatic]
    private static int _thread;

    private int _bytes; // written since the last flush
    private int _reader; // the thread that works through a read; 0 for none
    private volatile OutputOwner _owner;

    public readonly OutputOwner Owner => _owner;

    /// <summary>Whether a flush is under way, or the connection is not started yet.</summary>
    public readonly bool IsFlushing => _owner >= OutputOwner.Transport;

    /// <summary>Whether a thread works through a read.</summary>
    public readonly bool IsReading => _reader != 0;

    /// <summary>Whether frames are written that no flush has taken yet.</summary>
    public readonly bool HasBytes => _bytes != 0;

    /// <summary>Whether this thread may write.</summary>
    public readonly bool IsFree =>
        _owner switch
        {
            OutputOwner.Nobody => true,
            OutputOwner.Transport or OutputOwner.Held => false,
            _ => _reader == _thread,
        };

    /// <summary>Has what is sent wait until the connection is started.</summary>
    public void Hold() => _owner = OutputOwner.Held;

    /// <summary>This thread begins to work through a read.</summary>
    /// <param name="direct">Whether nothing waits, and frames are neither masked nor compressed.</param>
    public void BeginRead(bool direct)
    {
        if (_thread == 0)
        {
            _thread = Environment.CurrentManagedThreadId;
        }

        _reader = _thread;
        if (!IsFlushing)
        {
            _owner = direct ? OutputOwner.ReaderDirect : OutputOwner.Reader;
        }
    }

    /// <summary>This thread has worked through its read.</summary>
    public void EndRead(WebSocketTransport transport)
    {
        CloseWindow(transport);
        _reader = 0;
        if (!IsFlushing)
        {
            _owner = OutputOwner.Nobody;
        }
    }

    /// <summary>Something is in the way of frames that the reading thread writes without the lock.</summary>
    public void TakeDirectBack()
    {
        if (_owner == OutputOwner.ReaderDirect)
        {
            _owner = OutputOwner.Reader;
        }
    }

    /// <summary>Begins a flush, unless one follows at the end of the read.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    public bool BeginFlushUnlessReading()
    {
        if (_reader != 0 && _bytes < SendQueue.SliceBytes)
        {
            return false;
        }

        BeginFlush();
        return true;
    }

    /// <summary>Gives what was written to the transport. The caller must flush once it has left the lock.</summary>
    public void BeginFlush()
    {
        _owner = OutputOwner.Transport;
        _bytes = 0;
    }

    /// <summary>The transport has taken all that it was given.</summary>
    public void EndFlush() => _owner = _reader == 0 ? OutputOwner.Nobody : OutputOwner.Reader;

    /// <summary>The transport sends what was written by itself.</summary>
    public void Forget() => _bytes = 0;

    /// <summary>Writes what is queued, up to about a slice.</summary>
    public void Drain(in SendTarget to, SendQueue queue)
    {
        CloseWindow(to.Transport);
        _bytes += queue.Drain(to.Transport.Output, to.Role, to.Deflate);
    }

    /// <summary>Writes a short message into this thread's window, without the lock.</summary>
    /// <returns>False where there is no window with room for it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryWriteInWindow(WebSocketTransport transport, MessageType type, ReadOnlySpan<byte> payload)
    {
        SendWindow? window = SendWindow.OfThread;
        return window is not null
            && window.Owner == transport
            && _owner == OutputOwner.ReaderDirect
            && payload.Length <= FrameHeader.MaxControlPayloadLength
            && window.TryWrite((Opcode)type, payload);
    }

    /// <summary>Writes a message of the thread that works through a read, without the lock.</summary>
    /// <returns>False where something is in its way, or where it is time to flush.</returns>
    public bool TryWriteDirect(WebSocketTransport transport, MessageType type, ReadOnlySpan<byte> payload, PreparedMessage? prepared)
    {
        if (_owner != OutputOwner.ReaderDirect || _reader != _thread)
        {
            return false;
        }

        CloseWindow(transport);
        if (_bytes + payload.Length >= SendQueue.SliceBytes)
        {
            return false;
        }

        bool more = _bytes > 0;
        WriteServerFrame(transport, (Opcode)type, payload, prepared, rsv1: false, fin: true);
        if (more)
        {
            OpenWindow(transport);
        }

        return true;
    }

    /// <summary>Writes a frame. The output must be free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFrame(
        in SendTarget to,
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared = null,
        bool rsv1 = false,
        bool fin = true
    )
    {
        Debug.Assert(IsFree, "Only the output's owner writes.");
        if (to.Role == WebSocketRole.Client)
        {
            WriteMaskedFrame(to.Transport, new FrameHeader(opcode, payload.Length, MaskingKeys.Next(), fin, rsv1), payload);
        }
        else
        {
            WriteServerFrame(to.Transport, opcode, payload, prepared, rsv1, fin);
        }
    }

    private void WriteServerFrame(
        WebSocketTransport transport,
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared,
        bool rsv1,
        bool fin
    )
    {
        if (prepared is not null)
        {
            Write(transport, prepared.Frame, default);
        }
        else if (payload.Length <= FrameHeader.MaxControlPayloadLength)
        {
            // Most are short, and their headers of two bytes are better written and read as one value.
            ushort bytes = SendWindow.ShortHeader(opcode, payload.Length, fin, rsv1);
            Write(transport, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(ref bytes)), payload);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[FrameHeader.MaxLength];
            Write(transport, bytes[..new FrameHeader(opcode, payload.Length, fin, rsv1).Write(bytes)], payload);
        }
    }

    private void Write(WebSocketTransport transport, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        CloseWindow(transport);
        int length = header.Length + payload.Length;
        if (!transport.TryWrite(header, payload, inReceive: _reader != 0))
        {
            IBufferWriter<byte> output = transport.Output;
            Span<byte> frame = output.GetSpan(length);
            header.CopyTo(frame);
            payload.CopyTo(frame[header.Length..]);
            output.Advance(length);
        }

        _bytes += length;
    }

    private void WriteMaskedFrame(WebSocketTransport transport, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        CloseWindow(transport);
        IBufferWriter<byte> output = transport.Output;
        Span<byte> frame = output.GetSpan(FrameHeader.MaxLength + payload.Length);
        int length = header.Write(frame);
        Masking.Apply(payload, frame[length..], header.MaskingKey);
        length += payload.Length;
        output.Advance(length);
        _bytes += length;
    }

    // Most reads produce one answer. From the second on, reserving a window for the rest pays off. A connection that is fed from inside
    // another one's Receive can't have one: there is one window for each thread.
    private readonly unsafe void OpenWindow(WebSocketTransport transport)
    {
        if (SendWindow.OfThread is not { Owner: not null } && transport.Reserve(out int length) is var room and not null)
        {
            SendWindow.Open(transport, room, Math.Min(length, SendQueue.SliceBytes - _bytes));
        }
    }

    // Before this thread writes anything else.
    private void CloseWindow(WebSocketTransport transport)
    {
        if (SendWindow.OfThread is { } window && window.Owner == transport)
        {
            int written = window.Close();
            transport.Commit(written);
            _bytes += written;
        }
    }
}
