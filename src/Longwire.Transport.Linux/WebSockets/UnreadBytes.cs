using System.Buffers;

namespace Longwire.Transport.Linux;

/// <summary>Received bytes that a connection has not taken yet, in one piece of pooled memory.</summary>
internal sealed class UnreadBytes
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public Span<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    public void Append(ReadOnlySpan<byte> data)
    {
        int length = _end - _start;
        byte[] larger = ArrayPool<byte>.Shared.Rent(length + data.Length);
        Bytes.CopyTo(larger);
        data.CopyTo(larger.AsSpan(length));
        Release();
        _buffer = larger;
        _end = length + data.Length;
    }

    public void Consume(int count) => _start += count;

    public void Release()
    {
        if (_buffer.Length != 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _start = _end = 0;
    }
}
