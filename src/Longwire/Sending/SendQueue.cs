using System.Buffers;
using System.Diagnostics;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// Messages that a connection could not yet hand to its transport, in order. It holds messages, not frames: they are framed and
/// masked when their turn comes, so any of them that has not begun may still be dropped. Guarded by the connection's send lock.
/// </summary>
internal sealed class SendQueue
{
    /// <summary>The most payload that goes into the transport's output in one piece.</summary>
    public const int SliceBytes = 64 << 10;

    /// <summary>
    /// About the cost of a message beside its payload: without it, empty messages would be free and their number unbounded.
    /// </summary>
    public const int MessageCost = 64;

    private Entry[] _entries = new Entry[4];
    private int _head;
    private int _count;
    private int _headSent = -1; // payload bytes of the head that are in the output; -1 when its header is not
    private uint _headMaskingKey;
    private int _pong = -1; // distance of the unsent pong from the head; negative when there is none
    private byte[]? _pongBuffer;

    public bool IsEmpty => _count == 0;

    /// <summary>Payload bytes that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>The memory that is held for what waits, in bytes; what is shared with other connections isn't counted.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>The bytes that count against the queue's limit.</summary>
    public long Cost => Bytes + ((long)_count * MessageCost);

    /// <summary>Queues a message or a control frame.</summary>
    public void Add(Opcode opcode, ReadOnlySpan<byte> payload, PreparedMessage? prepared, bool compress, in SendOptions options = default)
    {
        if (opcode == Opcode.Pong)
        {
            AddPong(payload);
        }
        else if (prepared is not null)
        {
            Add(prepared, options);
        }
        else
        {
            Add(opcode, payload, compress);
        }
    }

    /// <summary>Queues a copy.</summary>
    public void Add(Opcode opcode, ReadOnlySpan<byte> payload, bool compress)
    {
        byte[] buffer = payload.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        Add(new Entry(opcode, buffer, 0, payload.Length) { Pooled = true, Compress = compress && opcode < Opcode.Close });
    }

    /// <summary>Queues a copy of a fragment, which goes as it is and is never dropped.</summary>
    public void AddFragment(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, bool rsv1)
    {
        byte[] buffer = payload.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(buffer);
        Add(
            new Entry(opcode, buffer, 0, payload.Length)
            {
                Pooled = !payload.IsEmpty,
                Compressed = rsv1,
                Fragment = true,
                More = !fin,
            }
        );
    }

    /// <summary>Takes over all that another queue holds, which is not used any more.</summary>
    public void Append(SendQueue other)
    {
        for (int i = 0; i < other._count; i++)
        {
            Add(other.At(i));
        }
    }

    /// <summary>Queues shared memory.</summary>
    public void Add(PreparedMessage message, in SendOptions options = default) =>
        Add(
            new Entry((Opcode)message.Type, message.Array, message.PayloadOffset, message.Payload.Length)
            {
                Prepared = message,
                Compress = true,
                MakesRoom = options.WhenFull == SendQueueFullMode.DropOldest,
                ReplaceKey = options.ReplaceKey,
            }
        );

    /// <summary>
    /// Queues a pong. One that still waits is overwritten, so a flood of pings costs one entry (RFC 6455 §5.5.3 allows answering the
    /// latest only).
    /// </summary>
    public void AddPong(ReadOnlySpan<byte> payload)
    {
        _pongBuffer ??= new byte[FrameHeader.MaxControlPayloadLength];
        payload.CopyTo(_pongBuffer);
        var pong = new Entry(Opcode.Pong, _pongBuffer, 0, payload.Length);
        if (_pong < 0)
        {
            Add(pong);
            _pong = _count - 1;
            return;
        }

        ref Entry waiting = ref At(_pong);
        Bytes += payload.Length - waiting.Length;
        waiting = pong;
    }

    /// <summary>Drops whole messages, the oldest first, until so many bytes fit, or none is left to drop.</summary>
    public void MakeRoom(int bytes, int limit) => Drop(Cost + bytes + MessageCost - limit, static (in Entry _, string? _) => true, null);

    /// <summary>
    /// Drops messages that may make room, those with the key first and then the oldest, until so many bytes fit. False when they don't.
    /// </summary>
    public bool TryMakeRoom(int bytes, int limit, string? replaceKey)
    {
        long tooMuch = Cost + bytes + MessageCost - limit;
        if (replaceKey is not null)
        {
            tooMuch = Drop(tooMuch, static (in Entry entry, string? key) => entry.MakesRoom && entry.ReplaceKey == key, replaceKey);
        }

        return Drop(tooMuch, static (in Entry entry, string? _) => entry.MakesRoom, null) <= 0;
    }

    /// <summary>Drops every message that has not begun.</summary>
    public void Clear() => MakeRoom(0, int.MinValue);

    private delegate bool MayDrop(in Entry entry, string? replaceKey);

    // Returns how much there is still too much.
    private long Drop(long tooMuch, MayDrop mayDrop, string? replaceKey)
    {
        int kept = 0;
        int count = _count;
        int head = _head;
        // Control frames and a message that has begun stay; what stays moves up to the tail in its order.
        for (int i = 0; i < count; i++)
        {
            Entry entry = _entries[(head + i) % _entries.Length];
            bool isWhole = entry.Opcode is Opcode.Text or Opcode.Binary && !entry.Fragment && !(i == 0 && _headSent >= 0);
            if (isWhole && tooMuch > 0 && mayDrop(entry, replaceKey))
            {
                tooMuch -= entry.Length + MessageCost;
                Release(entry);
                HeldBytes -= MessageCost;
                continue;
            }

            if (i == _pong)
            {
                _pong = kept;
            }

            _entries[(head + kept++) % _entries.Length] = entry;
        }

        for (int i = kept; i < count; i++)
        {
            _entries[(head + i) % _entries.Length] = default;
        }

        _count = kept;
        return tooMuch;
    }

    /// <summary>Drops everything and returns the memory.</summary>
    public void Release()
    {
        while (_count != 0)
        {
            RemoveHead();
        }
    }

    /// <summary>Frames what waits into the output, up to about one slice.</summary>
    /// <returns>Bytes written.</returns>
    public int Drain(IBufferWriter<byte> output, WebSocketRole role, PerMessageDeflate? deflate, int sliceBytes = SliceBytes)
    {
        int written = 0;
        while (_count != 0 && written < sliceBytes)
        {
            ref Entry head = ref At(0);
            if (_headSent < 0)
            {
                Compress(ref head, deflate);
                _headMaskingKey = role == WebSocketRole.Client ? MaskingKeys.Next() : 0;
                FrameHeader header =
                    role == WebSocketRole.Client
                        ? new FrameHeader(head.Opcode, head.Length, _headMaskingKey, !head.More, head.Compressed)
                        : new FrameHeader(head.Opcode, head.Length, !head.More, head.Compressed);
                int headerLength = header.Write(output.GetSpan(FrameHeader.MaxLength));
                output.Advance(headerLength);
                written += headerLength;
                _headSent = 0;
            }

            // A control frame goes out whole, so that a pong that has begun is never overwritten.
            int slice =
                head.Opcode >= Opcode.Close
                    ? head.Length
                    : Math.Min(head.Length - _headSent, sliceBytes - Math.Min(written, sliceBytes - 1));
            ReadOnlySpan<byte> source = head.Buffer.AsSpan(head.Offset + _headSent, slice);
            if (slice != 0)
            {
                Span<byte> destination = output.GetSpan(slice);
                if (role == WebSocketRole.Client)
                {
                    _headMaskingKey = Masking.Apply(source, destination, _headMaskingKey);
                }
                else
                {
                    source.CopyTo(destination);
                }

                output.Advance(slice);
                written += slice;
                _headSent += slice;
                Bytes -= slice;
            }

            if (_headSent == head.Length)
            {
                RemoveHead();
            }
        }

        return written;
    }

    // Only now, when it can't be dropped any more: with context takeover the next message refers to it.
    private void Compress(ref Entry head, PerMessageDeflate? deflate)
    {
        if (head.Compress && MessageCompressor.TryCompress(deflate, head.Payload, head.Prepared, out ReadOnlySpan<byte> compressed))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(compressed.Length);
            compressed.CopyTo(buffer);
            Release(head);
            head = new Entry(head.Opcode, buffer, 0, compressed.Length) { Pooled = true, Compressed = true };
            Bytes += head.Length;
            HeldBytes += buffer.Length;
        }

        MessageCompressor.Release();
    }

    private void Add(in Entry entry)
    {
        if (_count == _entries.Length)
        {
            var larger = new Entry[_entries.Length * 2];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = At(i);
            }

            _entries = larger;
            _head = 0;
        }

        At(_count) = entry;
        _count++;
        Bytes += entry.Length;
        HeldBytes += MessageCost + (entry.Pooled ? entry.Buffer.Length : 0);
    }

    private ref Entry At(int index) => ref _entries[(_head + index) % _entries.Length];

    private void RemoveHead()
    {
        Entry entry = At(0);
        At(0) = default;
        Bytes += Math.Max(_headSent, 0); // Release takes off the whole length
        Release(entry);
        HeldBytes -= MessageCost;
        _headSent = -1;
        _head = (_head + 1) % _entries.Length;
        _count--;
        _pong = Math.Max(_pong - 1, -1);
        Debug.Assert(_count != 0 || (Bytes == 0 && HeldBytes == 0), "An empty queue holds no bytes.");
    }

    private void Release(in Entry entry)
    {
        Bytes -= entry.Length;
        if (entry.Pooled)
        {
            HeldBytes -= entry.Buffer.Length;
            ArrayPool<byte>.Shared.Return(entry.Buffer);
        }
    }

    private readonly struct Entry(Opcode opcode, byte[] buffer, int offset, int length)
    {
        public readonly byte[] Buffer = buffer;
        public readonly int Offset = offset;
        public readonly int Length = length;
        public readonly Opcode Opcode = opcode;

        public PreparedMessage? Prepared { get; init; }

        public bool Pooled { get; init; }

        // Whether it is to be compressed when its turn comes, and whether it is.
        public bool Compress { get; init; }

        public bool Compressed { get; init; }

        // Whether it makes room for others of its kind, first for those with its key.
        public bool MakesRoom { get; init; }

        public string? ReplaceKey { get; init; }

        // Whether it is a part of a message, and whether another follows.
        public bool Fragment { get; init; }

        public bool More { get; init; }

        public ReadOnlySpan<byte> Payload => Buffer.AsSpan(Offset, Length);
    }
}
