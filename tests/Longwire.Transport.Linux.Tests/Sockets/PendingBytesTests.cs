namespace Longwire.Transport.Linux.Tests;

public class PendingBytesTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void What_goes_in_comes_out_in_order_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        var pending = new PendingBytes();
        int written = 0,
            read = 0;
        for (int step = 0; step < 3000; step++)
        {
            int count = random.Next(random.Next(8) == 0 ? 100_000 : 300);
            pending.Append(Data.Pattern(count, written % 251));
            written += count;
            for (int i = random.Next(4); i > 0 && !pending.First.IsEmpty; i--)
            {
                Span<byte> first = pending.First;
                int taken = random.Next(1, first.Length + 1);
                Assert.True(first[..taken].SequenceEqual(Data.Pattern(taken, read % 251)), $"seed {seed}, step {step}");
                pending.Consume(taken);
                read += taken;
            }

            Assert.Equal(written - read, pending.Length);
        }

        pending.Release();
        Assert.True(pending.First.IsEmpty);
    }
}
