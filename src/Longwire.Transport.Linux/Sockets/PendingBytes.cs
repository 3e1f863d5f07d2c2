using System.Buffers;

namespace Longwire.Transport.Linux;

/// <summary>
/// The bytes that the kernel refused, in their order: a chain of pooled segments. It exists only while there is something in it.
/// </summary>
internal sealed class PendingBytes
{
    private const int SegmentBytes = 16 * 1024;

    private readonly Queue<byte[]> _segments = new();
    private byte[]? _last;
    private int _lastUsed;
    private int _firstSent;

    public long Length { get; private set; }

    /// <summary>The bytes that are next, in one piece; empty when there are none.</summary>
    public Span<byte> First
    {
        get
        {
            if (!_segments.TryPeek(out byte[]? first))
            {
                return default;
            }

            int end = ReferenceEquals(first, _last) ? _lastUsed : first.Length;
            return first.AsSpan(_firstSent, end - _firstSent);
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            if (_last is null || _lastUsed == _last.Length)
            {
                _last = ArrayPool<byte>.Shared.Rent(Math.Clamp(data.Length, SegmentBytes, 16 * SegmentBytes));
                _lastUsed = 0;
                _segments.Enqueue(_last);
            }

            int count = Math.Min(data.Length, _last.Length - _lastUsed);
            data[..count].CopyTo(_last.AsSpan(_lastUsed));
            _lastUsed += count;
            data = data[count..];
        }
    }

    /// <summary>Drops bytes from the front: they have left.</summary>
    public void Consume(int count)
    {
        Length -= count;
        _firstSent += count;
        byte[] first = _segments.Peek();
        int end = ReferenceEquals(first, _last) ? _lastUsed : first.Length;
        if (_firstSent < end)
        {
            return;
        }

        _segments.Dequeue();
        if (ReferenceEquals(first, _last))
        {
            _last = null;
        }

        _firstSent = 0;
        ArrayPool<byte>.Shared.Return(first);
    }

    public void Release()
    {
        while (_segments.TryDequeue(out byte[]? segment))
        {
            ArrayPool<byte>.Shared.Return(segment);
        }

        _last = null;
        Length = 0;
    }
}
