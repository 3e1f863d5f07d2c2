namespace Longwire.Tests;

public sealed class MaskingKeysTests
{
    [Fact]
    public void Keys_are_not_repeated_on_one_thread_or_on_several()
    {
        // 12,000 of 2^32: about one in sixty runs draws some key twice, none draws many twice.
        var keys = new System.Collections.Concurrent.ConcurrentBag<uint>();
        Parallel.For(
            0,
            4,
            _ =>
            {
                for (int i = 0; i < 3000; i++)
                {
                    keys.Add(MaskingKeys.Next());
                }
            }
        );
        Assert.InRange(keys.Distinct().Count(), keys.Count - 3, keys.Count);
    }
}
