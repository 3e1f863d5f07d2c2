namespace Longwire.Tests;

public sealed class OutputBufferTests
{
    [Fact]
    public void What_is_written_is_kept_while_the_buffer_grows() =>
        Seeded.Run(
            20,
            random =>
            {
                var buffer = new OutputBuffer();
                for (int round = 0; round < 3; round++)
                {
                    var expected = new List<byte>();
                    for (int i = 0; i < 20; i++)
                    {
                        byte[] part = new byte[random.Next(3000)];
                        random.NextBytes(part);
                        part.CopyTo(random.Next(2) == 0 ? buffer.GetSpan(part.Length) : buffer.GetMemory(part.Length).Span);
                        buffer.Advance(part.Length);
                        expected.AddRange(part);
                    }

                    Assert.Equal(expected, buffer.Written.ToArray());
                    Assert.Equal(expected.Count, buffer.Length);
                    buffer.Release();
                    Assert.Equal(0, buffer.Length);
                }
            }
        );

    [Fact]
    public void An_empty_buffer_owns_no_memory_and_still_offers_some()
    {
        var buffer = new OutputBuffer();
        buffer.Release();
        buffer.Release();
        Assert.True(buffer.Written.IsEmpty);
        Assert.NotEqual(0, buffer.GetSpan().Length);
    }

    [Fact]
    public void Advancing_behind_the_end_is_the_callers_fault()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputBuffer().Advance(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputBuffer().Advance(-1));
    }
}
