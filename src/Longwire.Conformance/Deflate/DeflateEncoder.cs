using System.Buffers;
using System.Runtime.InteropServices;

namespace Longwire.Conformance;

/// <summary>Compresses messages as RFC 7692 §7.2.1 says: raw deflate, flushed, without the last four octets. Not thread-safe.</summary>
internal sealed unsafe class DeflateEncoder : IDisposable
{
    private readonly int _flush;
    private NativeDeflate.ZStream* _stream;

    /// <param name="windowBits">9 to 15.</param>
    /// <param name="noContextTakeover">Every message starts with an empty window.</param>
    /// <param name="level">1 to 9.</param>
    public DeflateEncoder(int windowBits, bool noContextTakeover, int level)
    {
        _flush = noContextTakeover ? NativeDeflate.FullFlush : NativeDeflate.SyncFlush;
        _stream = (NativeDeflate.ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(NativeDeflate.ZStream));
        const int Deflated = 8;
        int status = NativeDeflate.Init(_stream, level, Deflated, -windowBits, memoryLevel: 8, strategy: 0);
        if (status != NativeDeflate.Ok)
        {
            NativeMemory.Free(_stream);
            _stream = null;
            throw new InvalidOperationException($"zlib does not compress with a window of {windowBits} bits (status {status}).");
        }
    }

    ~DeflateEncoder() => Free();

    public byte[] Compress(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        ArrayBufferWriter<byte> output = new(Math.Max(64, message.Length / 2));
        fixed (byte* input = message)
        {
            _stream->NextIn = input;
            _stream->AvailableIn = (uint)message.Length;
            do
            {
                Span<byte> room = output.GetSpan(256);
                fixed (byte* next = room)
                {
                    _stream->NextOut = next;
                    _stream->AvailableOut = (uint)room.Length;
                    int status = NativeDeflate.Deflate(_stream, _flush);
                    if (status is not (NativeDeflate.Ok or NativeDeflate.BufferError))
                    {
                        throw new InvalidOperationException($"zlib failed with status {status}.");
                    }

                    output.Advance(room.Length - (int)_stream->AvailableOut);
                }
            } while (_stream->AvailableOut == 0);
        }

        // An empty message after a flush adds nothing, not even the four octets: RFC 7692 §7.2.3.6 has one octet of zero for it.
        ReadOnlySpan<byte> compressed = output.WrittenSpan;
        if (!compressed.EndsWith((ReadOnlySpan<byte>)[0, 0, 0xFF, 0xFF]))
        {
            return [0];
        }

        return compressed.Length == 4 ? [0] : compressed[..^4].ToArray();
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_stream is null)
        {
            return;
        }

        _ = NativeDeflate.End(_stream);
        NativeMemory.Free(_stream);
        _stream = null;
    }
}
