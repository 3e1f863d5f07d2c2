using System.Buffers;

namespace Longwire.Protocol.Tests;

/// <summary>A writer that gives out pieces of at most that many bytes, to find what depends on the writer's generosity.</summary>
internal sealed class SmallPieceWriter(int minPiece, int maxPiece, int seed) : IBufferWriter<byte>
{
    private readonly Random _random = new(seed);
    private readonly List<byte> _written = [];
    private byte[] _piece = [];

    public byte[] ToArray() => [.. _written];

    public void Advance(int count) => _written.AddRange(_piece.AsSpan(0, count));

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        // The least that the contract allows is what was asked for; these writers ask for at most what they need to make progress.
        _piece = new byte[Math.Max(Math.Min(sizeHint, maxPiece), _random.Next(minPiece, maxPiece + 1))];
        _random.NextBytes(_piece);
        return _piece;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
