using BenchmarkDotNet.Attributes;
using Longwire.Protocol;

namespace Longwire.Benchmarks;

/// <summary>Masking (RFC 6455 §5.3) beside the loop that the RFC describes and beside copying the same bytes.</summary>
public class MaskingBenchmarks
{
    private const uint Key = 0x3D21FA37;
    private byte[] _data = [];
    private byte[] _copy = [];

    [Params(20, 125, 1024, 65536)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _data = new byte[Bytes + 3];
        _copy = new byte[Bytes + 3];
        new Random(1).NextBytes(_data);
    }

    [Benchmark(Baseline = true)]
    public void ScalarLoop()
    {
        Span<byte> key = [0x37, 0xFA, 0x21, 0x3D];
        Span<byte> data = _data.AsSpan(0, Bytes);
        for (int i = 0; i < data.Length; i++)
        {
            data[i] ^= key[i & 3];
        }
    }

    [Benchmark]
    public void Memcpy() => _data.AsSpan(0, Bytes).CopyTo(_copy);

    [Benchmark]
    public uint InPlace() => Masking.Apply(_data.AsSpan(0, Bytes), Key);

    [Benchmark]
    public uint InPlaceUnaligned() => Masking.Apply(_data.AsSpan(3, Bytes), Key);

    [Benchmark]
    public uint IntoAnotherBuffer() => Masking.Apply(_data.AsSpan(0, Bytes), _copy, Key);
}
