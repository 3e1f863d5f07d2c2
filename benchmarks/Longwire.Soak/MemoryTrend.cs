namespace Longwire.Soak;

/// <summary>Whether memory is flat: the median of the last quarter of the samples against that of the second.</summary>
internal sealed class MemoryTrend
{
    private const double AllowedShare = 0.10;
    private const long AllowedBytes = 32 << 20;

    // Before that the caches and pools are still being filled.
    private const int FewestSamples = 60;

    private readonly List<long> _samples = [];

    public long SecondQuarter => Median(1);

    public long LastQuarter => Median(3);

    /// <summary>True in a run of less than a minute, too.</summary>
    public bool IsFlat => _samples.Count < FewestSamples || LastQuarter <= SecondQuarter * (1 + AllowedShare) + AllowedBytes;

    public void Add(long bytes) => _samples.Add(bytes);

    private long Median(int quarter)
    {
        long[] samples = [.. _samples.Skip(_samples.Count * quarter / 4).Take(Math.Max(_samples.Count / 4, 1)).Order()];
        return samples.Length == 0 ? 0 : samples[samples.Length / 2];
    }
}
