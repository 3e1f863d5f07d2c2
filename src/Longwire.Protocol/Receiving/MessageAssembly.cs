using System.Buffers;
using System.Diagnostics;

namespace Longwire.Protocol;

/// <summary>
/// The memory in which a message is put together: pooled, grown with the bytes that arrived whatever a header announced,
/// none while nothing is in it. Mutable: keep it in a field, don't copy it.
/// </summary>
internal struct MessageAssembly
{
    private byte[]? _array;

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>The memory that is held, in bytes.</summary>
    public readonly int Capacity => _array?.Length ?? 0;

    /// <summary>The bytes so far.</summary>
    public readonly Span<byte> Content => _array.AsSpan(0, Length);

    /// <summary>Appends a part. Doubling keeps the copying linear in the sum of what arrived.</summary>
    /// <param name="part">The part.</param>
    /// <param name="limit">The most bytes that there will ever be; the caller has refused what goes over it.</param>
    public void Append(ReadOnlySpan<byte> part, int limit)
    {
        Debug.Assert(Length + part.Length <= limit, "A frame over the limit is refused at its header.");
        part.CopyTo(Reserve(part.Length, limit));
        Length += part.Length;
    }

    /// <summary>Makes room behind the content.</summary>
    /// <param name="count">At least so many bytes.</param>
    /// <param name="limit">The most bytes that there will ever be, as far as the caller knows.</param>
    /// <returns>The room, to be written and then <see cref="Advance"/>d over.</returns>
    public Span<byte> Reserve(int count, int limit)
    {
        int needed = Length + count;
        if (_array is null || needed > _array.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(2L * Length, limit)));
            if (_array is not null)
            {
                Content.CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_array);
            }

            _array = larger;
        }

        return _array.AsSpan(Length);
    }

    /// <summary>Adds to the content the bytes that were written into the room.</summary>
    /// <param name="count">Bytes written.</param>
    public void Advance(int count) => Length += count;

    /// <summary>Hands the memory over; it then belongs to the caller, who returns it to <see cref="ArrayPool{T}.Shared"/>.</summary>
    /// <param name="array">Begins with the content.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(out byte[] array)
    {
        array = _array ?? [];
        bool taken = _array is not null;
        _array = null;
        Length = 0;
        return taken;
    }

    /// <summary>Empties it and returns the memory.</summary>
    public void Release()
    {
        if (TryTake(out byte[] array))
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
