using Longwire.Cli.Bench;

namespace Longwire.Cli.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_within_two_percent_of_those_of_a_sorted_list()
    {
        var random = new Random(5);
        var histogram = new LatencyHistogram();
        long[] values = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        foreach (long value in values)
        {
            histogram.Record(value);
        }

        long[] sorted = [.. values.Order()];
        foreach (double quantile in new[] { 0.01, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            double exact = sorted[(int)Math.Ceiling(quantile * sorted.Length) - 1] / 1000.0;
            Assert.InRange(histogram.QuantileMicroseconds(quantile), exact, exact * 1.02 + 0.001);
        }

        Assert.Equal(values.Average() / 1000, histogram.MeanMicroseconds, 3);
        Assert.Equal(sorted[^1], histogram.Max);
    }

    [Fact]
    public void What_two_processes_counted_adds_up_to_what_one_would_have()
    {
        LatencyHistogram one = new(),
            first = new(),
            second = new();
        for (int i = 0; i < 1000; i++)
        {
            one.Record(i * 1000);
            (i % 3 == 0 ? first : second).Record(i * 1000);
        }

        LatencyHistogram sum = LatencyHistogram.FromData(first.ToData());
        sum.Add(LatencyHistogram.FromData(second.ToData()));
        Assert.Equal(one.Count, sum.Count);
        Assert.Equal(one.Max, sum.Max);
        Assert.Equal(one.ToData().Buckets, sum.ToData().Buckets);
        Assert.Equal(one.MeanMicroseconds, sum.MeanMicroseconds, 6);
    }

    [Fact]
    public void An_empty_one_says_zero() => Assert.Equal(0, new LatencyHistogram().QuantileMicroseconds(0.99));
}
