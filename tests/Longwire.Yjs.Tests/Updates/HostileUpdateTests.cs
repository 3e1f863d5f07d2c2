namespace Longwire.Yjs.Tests;

/// <summary>No bytes make the reader throw, and every client can read the updates that it accepts.</summary>
public sealed class HostileUpdateTests(Oracle oracle) : IClassFixture<Oracle>
{
    [Fact]
    public void What_is_taken_of_damaged_updates_can_be_read_by_npm_too()
    {
        int taken = 0;
        int refused = 0;
        var random = new Random(7);
        foreach (Oracle.Scenario scenario in oracle.Scenarios(7_000, 60))
        {
            for (int i = 0; i < 40; i++)
            {
                byte[] damaged = Damage(scenario.Merged, random);
                var document = new YjsDocument();
                if (!document.TryApply(damaged, out YjsError? error))
                {
                    Assert.NotEqual("", error.Message);
                    Assert.InRange(error.Offset, 0, damaged.Length);
                    refused++;
                    continue;
                }

                taken++;
                string verdict = oracle.Judge(damaged);
                Assert.True(verdict.Length == 0, $"{verdict}\n{Convert.ToHexString(damaged)}");
                byte[] state = document.EncodeState();
                verdict = oracle.Judge(state);
                Assert.True(verdict.Length == 0, $"{verdict}\n{Convert.ToHexString(damaged)}");
                Assert.True(YjsUpdate.IsValid(state, out error), error?.ToString());
            }
        }

        Assert.True(taken > 300 && refused > 300, $"{taken} taken, {refused} refused");
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Values_nest_as_deep_as_a_hundred_and_no_deeper(int depth, bool expected)
    {
        // Lists of one; the innermost value is null.
        FrameWriter update = new FrameWriter().Raw(1, 1, 1, 0, 8, 1).Text("t").Number(1);
        for (int i = 0; i < depth; i++)
        {
            update.Raw(117, 1);
        }

        Assert.Equal(expected, YjsUpdate.IsValid(update.Raw(126, 0).ToArray(), out _));
    }

    [Fact]
    public void A_client_that_stands_in_an_update_twice_is_an_error_as_npm_would_lose_half()
    {
        byte[] update = [2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0];
        Assert.False(YjsUpdate.IsValid(update, out YjsError? error));
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_end_where_the_integers_of_JavaScript_do()
    {
        const long Most = (1L << 53) - 1;
        Assert.True(YjsUpdate.IsValid(new FrameWriter().Raw(1, 1, 1).Number(Most - 1).Raw(0, 1, 0).ToArray(), out _));
        Assert.False(YjsUpdate.IsValid(new FrameWriter().Raw(1, 1, 1).Number(Most - 1).Raw(0, 2, 0).ToArray(), out _));
        Assert.True(YjsUpdate.IsValid(Edits.Delete(1, (Most - 1, 1)), out _));
        Assert.False(YjsUpdate.IsValid(Edits.Delete(1, (Most - 1, 2)), out _));
    }

    [Fact]
    public void An_update_takes_no_more_memory_than_it_may()
    {
        // Each client is four bytes here and a few hundred in memory.
        FrameWriter update = new FrameWriter().Number(10_000);
        for (int client = 0; client < 10_000; client++)
        {
            update.Number(1).Number(client).Raw(0, 0, 1);
        }

        byte[] bytes = update.Number(0).ToArray();
        Assert.True(ParsedUpdate.TryRead([.. bytes], 10_000 * 300, out _, out _));
        Assert.False(ParsedUpdate.TryRead([.. bytes], 10_000 * 200, out _, out YjsError? error));
        Assert.Contains("memory", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Damage(byte[] update, Random random)
    {
        var bytes = new List<byte>(update);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(12);
                    break;
                case 3 when bytes.Count > 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, (byte)random.Next(130));
                    break;
            }
        }

        return [.. bytes];
    }
}
