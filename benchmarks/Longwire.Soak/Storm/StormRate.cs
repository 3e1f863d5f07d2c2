namespace Longwire.Soak;

/// <summary>How fast clients came.</summary>
internal static class StormRate
{
    /// <summary>The greatest number of times, which are in order, that lie within a span.</summary>
    public static int MostWithin(IReadOnlyList<long> times, long span)
    {
        int most = 0;
        for (int first = 0, last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] >= span)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }
}
