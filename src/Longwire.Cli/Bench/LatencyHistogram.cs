using System.Numerics;

namespace Longwire.Cli.Bench;

/// <summary>Counts durations in buckets of at most 1.6 % width, from 1 ns to hours, without allocating.</summary>
internal sealed class LatencyHistogram
{
    private const int PrecisionBits = 6;
    private readonly long[] _counts = new long[(64 - PrecisionBits + 1) << PrecisionBits];
    private double _sum;

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, in nanoseconds.</summary>
    public long Max { get; private set; }

    /// <summary>The mean in microseconds; 0 when nothing was recorded.</summary>
    public double MeanMicroseconds => Count == 0 ? 0 : _sum / Count / 1000;

    /// <summary>Records a duration, once or several times.</summary>
    public void Record(long nanoseconds, int count = 1)
    {
        nanoseconds = Math.Max(nanoseconds, 0);
        _counts[IndexOf((ulong)nanoseconds)] += count;
        Count += count;
        _sum += (double)nanoseconds * count;
        if (nanoseconds > Max)
        {
            Max = nanoseconds;
        }
    }

    /// <summary>The upper bound of the bucket in which the quantile lies, in microseconds; 0 when nothing was recorded.</summary>
    public double QuantileMicroseconds(double quantile)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(UpperBound(i), Max) / 1000.0;
            }
        }

        return 0;
    }

    /// <summary>
    /// The latencies that callers at a steady pace would have seen: a closed loop sends nothing while it waits, so a pause of the server
    /// shows once where it would have met all that was due meanwhile (coordinated omission).
    /// </summary>
    /// <param name="interval">The pace, in nanoseconds.</param>
    public LatencyHistogram AtSteadyPace(long interval)
    {
        const int MaxSteps = 10_000;
        var corrected = new LatencyHistogram();
        corrected.Add(this);
        for (int i = 0; i < _counts.Length && interval > 0; i++)
        {
            long longest = (long)Math.Min(UpperBound(i), Max);
            if (_counts[i] == 0 || longest < 2 * interval)
            {
                continue;
            }

            // A step stands for several where there were too many.
            long perStep = 1 + longest / interval / MaxSteps;
            for (long missed = longest - interval; missed >= interval; missed -= interval * perStep)
            {
                corrected.Record(missed, (int)Math.Min(int.MaxValue, _counts[i] * perStep));
            }
        }

        return corrected;
    }

    /// <summary>Adds what another histogram counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _sum += other._sum;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The buckets that aren't empty, as pairs of index and count, to be handed to another process.</summary>
    public HistogramData ToData()
    {
        var buckets = new List<long>();
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
            {
                buckets.Add(i);
                buckets.Add(_counts[i]);
            }
        }

        return new HistogramData(buckets, _sum, Max);
    }

    public static LatencyHistogram FromData(HistogramData data)
    {
        var histogram = new LatencyHistogram { _sum = data.Sum, Max = data.Max };
        for (int i = 0; i + 1 < data.Buckets.Count; i += 2)
        {
            histogram._counts[data.Buckets[i]] = data.Buckets[i + 1];
            histogram.Count += data.Buckets[i + 1];
        }

        return histogram;
    }

    // Values below 2^6 have a bucket each; above, each power of two is cut in 2^6 equal parts.
    private static int IndexOf(ulong value)
    {
        int shift = Math.Max(BitOperations.Log2(value | 1) - PrecisionBits, 0);
        return (shift << PrecisionBits) + (int)(value >> shift);
    }

    private static double UpperBound(int index)
    {
        int shift = Math.Max((index >> PrecisionBits) - 1, 0);
        ulong mantissa = (ulong)(index - (shift << PrecisionBits));
        return ((mantissa + 1UL) << shift) - 1;
    }
}
