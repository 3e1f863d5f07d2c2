using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// The receive buffers of one loop, lent to the kernel: it picks one when data is there, so that a connection that waits holds none.
/// Where the kernel can (Linux 6.12), it fills a buffer piece by piece, so that a thousand small messages lie side by side in a few
/// warm pages; otherwise each receive takes a buffer of its own.
/// <para>
/// The kernel uses what it was lent in turn, so all of it passes through the cache. So it is lent little: more when it ran out, and less
/// again when it has not run out for a while.
/// </para>
/// </summary>
internal sealed unsafe class BufferRing : IDisposable
{
    public const ushort Group = 1;

    private const int TurnsOfPlenty = 4096;

    private readonly RingBuffer* _ring;
    private readonly nuint _ringLength;
    private readonly byte* _memory;
    private readonly nuint _memoryLength;
    private readonly int _bufferBytes;
    private readonly ushort _mask;
    private readonly int[]? _filled;
    private readonly ushort[] _spare;
    private int _spareCount;
    private readonly int _fewest;
    private int _wanted;
    private int _turnsOfPlenty;
    private ushort _tail;

    /// <param name="ring">The io_uring to lend the buffers to.</param>
    /// <param name="count">How many; a power of two, at most 32,768.</param>
    /// <param name="bufferBytes">How large each is.</param>
    /// <param name="incremental">Whether to ask for filling piece by piece.</param>
    public BufferRing(Ring ring, int count, int bufferBytes, bool incremental)
    {
        _bufferBytes = bufferBytes;
        _mask = (ushort)(count - 1);
        _ringLength = (nuint)count * (nuint)sizeof(RingBuffer);
        _ring = (RingBuffer*)Pages.Map(_ringLength);
        _memoryLength = (nuint)count * (nuint)bufferBytes;
        _memory = Pages.Map(_memoryLength);

        bool registered = incremental && Register(ring, count, IoUring.BufferRingIncremental) == 0;
        if (registered)
        {
            _filled = new int[count];
        }
        else if (Register(ring, count, 0) is var error and not 0)
        {
            Dispose();
            throw new Win32Exception(error);
        }

        _spare = new ushort[count];
        for (int i = count; i > 0; i--)
        {
            _spare[_spareCount++] = (ushort)(i - 1);
        }
        // A buffer for each receive wants one for each connection that may be ready in a turn.
        _fewest = Math.Min(count, IsIncremental ? 2 : 256);
        Lend(_fewest);
        Publish();
    }

    /// <summary>True where the kernel fills a buffer piece by piece.</summary>
    public bool IsIncremental => _filled is not null;

    /// <summary>Where the data of a completion lies. Each completion must be asked for once, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Take(uint flags, int length, out bool finished)
    {
        uint buffer = flags >> IoUring.CompletionBufferShift;
        byte* data = _memory + (nuint)buffer * (nuint)_bufferBytes;
        if (_filled is null)
        {
            finished = true;
            return data;
        }

        data += _filled[buffer];
        finished = (flags & IoUring.CompletionBufferMore) == 0;
        _filled[buffer] = finished ? 0 : _filled[buffer] + length;
        return data;
    }

    /// <summary>A buffer has been read: it is lent to the kernel again, which sees it after <see cref="Publish"/>, or kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(ushort buffer)
    {
        if (_spare.Length - _spareCount > _wanted)
        {
            _spare[_spareCount++] = buffer;
        }
        else
        {
            Lend(buffer);
        }
    }

    /// <summary>The kernel ran out: it gets twice as many.</summary>
    public void LendMore()
    {
        _turnsOfPlenty = 0;
        Lend(Math.Min(2 * _wanted, _spare.Length));
    }

    /// <summary>A turn in which the kernel did not run out. After many of them it gets half as many, as buffers come back.</summary>
    public void CountPlenty()
    {
        if (++_turnsOfPlenty < TurnsOfPlenty)
        {
            return;
        }

        _turnsOfPlenty = 0;
        _wanted = Math.Max(_wanted / 2, _fewest);
    }

    public void Publish() => Volatile.Write(ref _ring->Reserved, _tail);

    private void Lend(int count)
    {
        _wanted = count;
        while (_spareCount > 0 && _spare.Length - _spareCount < count)
        {
            Lend(_spare[--_spareCount]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Lend(ushort buffer)
    {
        RingBuffer* entry = _ring + (_tail & _mask);
        entry->Address = (ulong)(_memory + (nuint)buffer * (nuint)_bufferBytes);
        entry->Length = (uint)_bufferBytes;
        entry->Identifier = buffer;
        _tail++;
    }

    public void Dispose()
    {
        Pages.Unmap(_ring, _ringLength);
        Pages.Unmap(_memory, _memoryLength);
    }

    private int Register(Ring ring, int count, ushort flags)
    {
        BufferRingRegistration registration = new()
        {
            Address = (ulong)_ring,
            Entries = (uint)count,
            Group = Group,
            Flags = flags,
        };
        nint result = LibC.syscall(IoUring.Register, ring.Descriptor, (nint)IoUring.RegisterBufferRing, (nint)(&registration), 1, 0, 0);
        return result < 0 ? Marshal.GetLastSystemError() : 0;
    }
}
