namespace Longwire.Hubs;

/// <summary>The bounds of one page of a room's map or presence.</summary>
internal static class PageLimits
{
    /// <summary>The greatest number of entries in a page.</summary>
    public const int MaxEntries = 1_000;

    /// <summary>About what an entry takes in an answer, beside its texts.</summary>
    public const int EntryBytes = 48;

    /// <summary>The first entries that fit, one at least.</summary>
    public static T[] Oldest<T>(IReadOnlyList<T> entries, int maxBytes, Func<T, int> bytesOf)
    {
        int count = 0;
        for (int room = maxBytes; count < entries.Count && ((room -= bytesOf(entries[count])) >= 0 || count == 0); )
        {
            count++;
        }

        return [.. entries.Take(count)];
    }
}
