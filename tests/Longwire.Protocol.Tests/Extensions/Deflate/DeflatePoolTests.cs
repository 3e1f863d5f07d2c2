using System.Buffers;

namespace Longwire.Protocol.Tests;

public sealed class DeflatePoolTests
{
    private static readonly CompressorSettings _settings = new(15, 3, 8);

    [Fact]
    public void What_was_given_back_is_rented_again()
    {
        using var pool = new DeflatePool();
        MessageDeflater deflater = pool.RentDeflater(_settings);
        pool.Return(deflater);
        Assert.Same(deflater, pool.RentDeflater(_settings));
        Assert.NotSame(deflater, pool.RentDeflater(_settings));
        Assert.NotSame(deflater, pool.RentDeflater(new CompressorSettings(14, 3, 8)));
        MessageInflater inflater = pool.RentInflater(15);
        pool.Return(inflater);
        Assert.Same(inflater, pool.RentInflater(9));
    }

    [Fact]
    public void No_more_than_the_limit_rests_in_it()
    {
        using var pool = new DeflatePool(maxIdleDeflaters: 2, maxIdleInflaters: 1);
        MessageDeflater[] deflaters = [.. Enumerable.Range(0, 5).Select(_ => pool.RentDeflater(_settings))];
        MessageInflater[] inflaters = [.. Enumerable.Range(0, 5).Select(_ => pool.RentInflater(15))];
        Assert.Equal(5 * (_settings.MemoryBytes + MessageInflater.MemoryBytes), pool.Budget.UsedBytes);
        Array.ForEach(deflaters, pool.Return);
        Array.ForEach(inflaters, pool.Return);
        Assert.Equal((2 * _settings.MemoryBytes) + MessageInflater.MemoryBytes, pool.Budget.UsedBytes);
    }

    [Fact]
    public void What_comes_back_after_disposing_is_freed()
    {
        var pool = new DeflatePool();
        MessageDeflater deflater = pool.RentDeflater(_settings);
        MessageInflater inflater = pool.RentInflater(15);
        pool.Dispose();
        pool.Return(deflater);
        pool.Return(inflater);
        Assert.Equal(0, pool.Budget.UsedBytes);
    }

    [Fact]
    public void Half_a_message_does_not_reach_the_next_renter()
    {
        using var pool = new DeflatePool();
        var output = new ArrayBufferWriter<byte>();
        pool.Deflate(DeflateSamples.Json(1, 1000), _settings, output);
        byte[] expected = output.WrittenSpan.ToArray();

        MessageDeflater deflater = pool.RentDeflater(_settings);
        deflater.DeflatePart(DeflateSamples.Json(2, 50_000), new ArrayBufferWriter<byte>());
        pool.Return(deflater);
        MessageInflater inflater = pool.RentInflater(15);
        inflater.Inflate([0xff, 0xff], endOfMessage: false, 100, new ArrayBufferWriter<byte>());
        pool.Return(inflater);

        output.ResetWrittenCount();
        pool.Deflate(DeflateSamples.Json(1, 1000), _settings, output);
        Assert.Equal(expected, output.WrittenSpan.ToArray());
        Assert.Equal(DeflateSamples.Json(1, 1000), pool.RentInflater(15).Inflate(expected));
    }
}
