namespace Longwire.Soak;

/// <summary>Says whether what processes put into their outbox was published once and in order, and came so to a reader.</summary>
internal static class ClientSoakJudge
{
    /// <summary>The faults in one room; none when all is right.</summary>
    /// <param name="published">The publications, as a client sees them that nothing happens to.</param>
    /// <param name="received">The publications that came to the reader.</param>
    /// <param name="queued">For each process, the last number of which it said that it is in the outbox; -1 for none.</param>
    public static IEnumerable<string> Find(
        IReadOnlyList<SoakNumber> published,
        IReadOnlyList<SoakNumber> received,
        IReadOnlyList<int> queued
    )
    {
        int[] next = new int[queued.Count];
        int run = 0;
        foreach (SoakNumber number in published)
        {
            if (number.Run < run || number.Value < next[number.Run])
            {
                yield return $"{number} was published twice, or late";
                continue;
            }

            if (number.Value > next[number.Run])
            {
                yield return $"{number.Run}/{next[number.Run]} to {number.Value - 1} were not published before {number}";
            }

            run = number.Run;
            next[run] = number.Value + 1;
        }

        for (int each = 0; each < queued.Count; each++)
        {
            if (next[each] <= queued[each])
            {
                yield return $"{each}/{next[each]} to {queued[each]} were in the outbox, and never published";
            }
        }

        int same = 0;
        while (same < published.Count && same < received.Count && published[same] == received[same])
        {
            same++;
        }

        if (same < published.Count || same < received.Count)
        {
            string came = same < received.Count ? received[same].ToString() : "nothing";
            string due = same < published.Count ? published[same].ToString() : "nothing";
            yield return $"the reader was handed {came} where {due} was published";
        }
    }
}
