using BenchmarkDotNet.Attributes;
using Longwire.Protocol;

namespace Longwire.Benchmarks;

/// <summary>Writing and reading a frame's header (RFC 6455 §5.2) beside copying its bytes.</summary>
public class FrameHeaderBenchmarks
{
    private readonly byte[] _wire = new byte[FrameHeader.MaxLength];
    private readonly byte[] _copy = new byte[FrameHeader.MaxLength];
    private int _length;

    [Params(20, 1024, 70000)]
    public long PayloadLength { get; set; }

    [Params(false, true)]
    public bool Masked { get; set; }

    [GlobalSetup]
    public void SetUp() => _length = Write();

    [Benchmark(Baseline = true)]
    public void Memcpy() => _wire.AsSpan(0, _length).CopyTo(_copy);

    [Benchmark]
    public int Write() =>
        (Masked ? new FrameHeader(Opcode.Binary, PayloadLength, 0x3D21FA37) : new FrameHeader(Opcode.Binary, PayloadLength)).Write(_wire);

    [Benchmark]
    public long Read()
    {
        FrameHeader.TryRead(_wire, out FrameHeader header, out _, out _);
        return header.PayloadLength;
    }
}
