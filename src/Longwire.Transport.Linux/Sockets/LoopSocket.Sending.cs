using System.Buffers;

namespace Longwire.Transport.Linux;

internal sealed unsafe partial class LoopSocket
{
    // From here on a call to the kernel costs less than a copy into the cork.
    private const int DirectBytes = 8 * 1024;

    private const SocketFlags CannotSend = SocketFlags.Closed | SocketFlags.Closing | SocketFlags.SendEnded | SocketFlags.SendFailed;

    /// <summary>The bytes that the kernel refused so far and that wait in user space.</summary>
    public long PendingBytes => _pending?.Length ?? 0;

    /// <summary>
    /// Sends: the bytes are copied and leave at the turn's end, in one call together with all else that this turn sends to this socket.
    /// </summary>
    /// <returns>False where nothing was taken: the socket is closed, or too much is pending.</returns>
    public bool Send(ReadOnlySpan<byte> data) => Send(data, default);

    /// <summary>Sends two pieces as one, a header and its payload for instance.</summary>
    /// <returns>False where nothing was taken: the socket is closed, or too much is pending.</returns>
    public bool Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if ((Flags & CannotSend) != 0)
        {
            return false;
        }

        if (_pending is not null)
        {
            return Append(first, second);
        }

        ref CorkTable.Entry cork = ref _loop.CorkOf(this);
        int length = first.Length + second.Length;
        if (length >= DirectBytes || length > CorkTable.BlockBytes - cork.Length)
        {
            return SendNow(ref cork, first, second);
        }

        var room = new Span<byte>(cork.Block + cork.Length, CorkTable.BlockBytes - cork.Length);
        first.CopyTo(room);
        second.CopyTo(room[first.Length..]);
        cork.Length += length;
        return true;
    }

    /// <summary>
    /// Room to write what is to be sent in place, to be followed by <see cref="Advance"/> before anything else is sent.
    /// </summary>
    /// <param name="size">How much room is needed, in bytes.</param>
    /// <param name="room">The room, of at least that size.</param>
    /// <returns>False where there is none just now (it is too much, something is pending, or the socket is closed): use Send.</returns>
    public bool TryReserve(int size, out Span<byte> room)
    {
        if ((Flags & CannotSend) == 0 && _pending is null && size <= CorkTable.BlockBytes)
        {
            ref CorkTable.Entry cork = ref _loop.CorkOf(this);
            if (size <= CorkTable.BlockBytes - cork.Length)
            {
                room = new Span<byte>(cork.Block + cork.Length, CorkTable.BlockBytes - cork.Length);
                cork.IsReserved = true;
                return true;
            }
        }

        room = default;
        return false;
    }

    /// <summary>Sends so many bytes of the room that <see cref="TryReserve"/> gave; none where the socket was closed meanwhile.</summary>
    public void Advance(int count)
    {
        if ((Flags & CannotSend) != 0)
        {
            return;
        }

        ref CorkTable.Entry cork = ref _loop.CorkOf(this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(CorkTable.BlockBytes - cork.Length));
        cork.Length += count;
        cork.IsReserved = false;
    }

    /// <summary>
    /// Gives to the kernel at once what it takes, and keeps nothing. Where it took less than all,
    /// <see cref="LoopSocketHandler.OnWritable"/> says when to go on.
    /// </summary>
    /// <returns>The number of bytes that were taken.</returns>
    public int Write(ReadOnlySpan<byte> data)
    {
        if ((Flags & CannotSend) != 0)
        {
            return 0;
        }

        if (Cork != 0)
        {
            _loop.FlushCork(this);
        }

        int taken = 0;
        if (_pending is null && (Flags & CannotSend) == 0)
        {
            fixed (byte* start = data)
            {
                taken = _loop.TrySend(this, start, data.Length);
            }
        }

        if (taken < data.Length && (Flags & CannotSend) == 0 && _pending is null)
        {
            Flags |= SocketFlags.WantsWritable;
            _loop.AwaitWritable(this);
        }

        return taken;
    }

    /// <summary>
    /// From any thread: copies the bytes and has the loop send them. For now and then; a busy sender keeps its own queue and posts.
    /// </summary>
    public void SendFromAnyThread(ReadOnlySpan<byte> data)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        _loop.Post(new SendWorkItem(this, copy, data.Length));
    }

    /// <summary>The bytes that the kernel refused; they stay before everything that is sent later.</summary>
    internal void KeepUnsent(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return;
        }

        _pending ??= new PendingBytes();
        _pending.Append(rest);
        _loop.AwaitWritable(this);
    }

    /// <summary>The kernel has room again.</summary>
    internal void DrainPending()
    {
        while (_pending is not null)
        {
            ReadOnlySpan<byte> next = _pending.First;
            if (next.IsEmpty)
            {
                _pending = null;
                break;
            }

            int sent;
            fixed (byte* start = next)
            {
                sent = _loop.TrySend(this, start, next.Length);
            }

            if ((Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) != 0)
            {
                return;
            }

            if (sent > 0)
            {
                _pending.Consume(sent);
            }

            if (sent < next.Length)
            {
                _loop.AwaitWritable(this);
                return;
            }
        }

        Flags &= ~SocketFlags.WantsWritable;
        if ((Flags & SocketFlags.SendEnded) != 0)
        {
            SendFin();
        }

        if ((Flags & (SocketFlags.Closed | SocketFlags.Closing)) == 0)
        {
            Delivery.Writable(this);
        }
    }

    internal bool WaitsForRoom => _pending is not null || (Flags & SocketFlags.WantsWritable) != 0;

    private bool SendNow(ref CorkTable.Entry cork, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int corked = cork.Length;
        int sent;
        fixed (
            byte* firstStart = first,
                secondStart = second
        )
        {
            IoVector* vectors = stackalloc IoVector[3];
            vectors[0] = new IoVector { Base = cork.Block, Length = (nuint)corked };
            vectors[1] = new IoVector { Base = firstStart, Length = (nuint)first.Length };
            vectors[2] = new IoVector { Base = secondStart, Length = (nuint)second.Length };
            sent = _loop.TrySend(this, vectors, 3);
        }

        cork.Length = 0;
        if ((Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) != 0)
        {
            return false;
        }

        KeepUnsent(new ReadOnlySpan<byte>(cork.Block, corked)[Math.Min(sent, corked)..]);
        sent = Math.Max(sent - corked, 0);
        KeepUnsent(first[Math.Min(sent, first.Length)..]);
        sent = Math.Max(sent - first.Length, 0);
        KeepUnsent(second[Math.Min(sent, second.Length)..]);
        return true;
    }

    private bool Append(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (_pending!.Length + first.Length + second.Length > _loop.MaxPendingBytes)
        {
            return false;
        }

        _pending.Append(first);
        _pending.Append(second);
        return true;
    }
}
