namespace Longwire.Soak.Tests;

public sealed class MemoryTrendTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Memory_that_grows_from_the_second_quarter_to_the_last_is_not_flat()
    {
        var trend = new MemoryTrend();
        for (int second = 0; second < 1200; second++)
        {
            trend.Add((100 + second / 10) * Mebibyte);
        }

        Assert.False(trend.IsFlat);
    }

    [Fact]
    public void Memory_that_grows_in_the_beginning_only_or_in_peaks_is_flat()
    {
        var trend = new MemoryTrend();
        for (int second = 0; second < 1200; second++)
        {
            trend.Add(
                (
                    second < 200 ? second
                    : second % 10 == 0 ? 900
                    : 200 + second / 100
                ) * Mebibyte
            );
        }

        Assert.True(trend.IsFlat);
    }

    [Fact]
    public void A_short_run_is_not_judged()
    {
        var trend = new MemoryTrend();
        for (int second = 0; second < 30; second++)
        {
            trend.Add(second * 100 * Mebibyte);
        }

        Assert.True(trend.IsFlat);
    }
}
