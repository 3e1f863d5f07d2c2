using System.Numerics;

namespace Longwire.LoadGenerator;

/// <summary>Counts durations in buckets of at most 1.6 % width, from 1 ns to hours, without allocating.</summary>
internal sealed class LatencyHistogram
{
    private const int PrecisionBits = 6;
    private readonly long[] _counts = new long[(64 - PrecisionBits + 1) << PrecisionBits];

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Records one duration.</summary>
    public void Record(long nanoseconds)
    {
        _counts[IndexOf((ulong)Math.Max(nanoseconds, 0))]++;
        Count++;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    /// <summary>The upper bound of the bucket in which the quantile lies, in microseconds; 0 when nothing was recorded.</summary>
    public double QuantileMicroseconds(double quantile)
    {
        long rank = (long)Math.Ceiling(quantile * Count);
        long seen = 0;
        for (int i = 0; i < _counts.Length && rank > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return UpperBound(i) / 1000.0;
        }

        return 0;
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
