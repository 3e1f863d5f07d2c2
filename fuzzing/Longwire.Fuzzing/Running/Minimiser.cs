using System.Diagnostics;

namespace Longwire.Fuzzing;

/// <summary>Makes a finding's input smaller, as long as what it shows stays the same kind of failure.</summary>
internal static class Minimiser
{
    public static byte[] Minimise(byte[] input, Func<byte[], bool> stillFails, TimeSpan patience)
    {
        var time = Stopwatch.StartNew();
        byte[] smallest = input;
        bool smaller = true;
        while (smaller && time.Elapsed < patience)
        {
            smaller = false;
            for (int chunk = Math.Max(smallest.Length / 2, 1); chunk >= 1; chunk /= 2)
            {
                for (int at = 0; at + chunk <= smallest.Length && time.Elapsed < patience; )
                {
                    byte[] candidate = [.. smallest[..at], .. smallest[(at + chunk)..]];
                    if (stillFails(candidate))
                    {
                        smallest = candidate;
                        smaller = true;
                    }
                    else
                    {
                        at += chunk;
                    }
                }
            }
        }

        // Zeros tell the reader what does not matter.
        for (int at = 0; at < smallest.Length && time.Elapsed < patience; at++)
        {
            byte[] candidate = [.. smallest];
            candidate[at] = 0;
            if (smallest[at] != 0 && stillFails(candidate))
            {
                smallest = candidate;
            }
        }

        return smallest;
    }
}
