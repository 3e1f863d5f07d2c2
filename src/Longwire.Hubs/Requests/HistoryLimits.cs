namespace Longwire.Hubs;

/// <summary>Keeps what is read from history within what one answer may hold.</summary>
internal static class HistoryLimits
{
    /// <summary>Whether a whole page fits into one answer.</summary>
    public static bool Fit(HistoryPage page, int maxBytes) =>
        page.Publications.Sum(static publication => (long)publication.Draft.Bytes) <= maxBytes;

    /// <summary>The newest publications that fit.</summary>
    public static Publication[] Newest(IReadOnlyList<Publication> publications, int maxBytes)
    {
        int first = publications.Count;
        for (int room = maxBytes; first > 0 && (room -= publications[first - 1].Draft.Bytes) >= 0; )
        {
            first--;
        }

        return [.. publications.Skip(first)];
    }

    /// <summary>The oldest publications that fit: the client asks for the rest from there.</summary>
    public static Publication[] Oldest(IReadOnlyList<Publication> publications, int maxBytes)
    {
        int count = 0;
        for (int room = maxBytes; count < publications.Count && (room -= publications[count].Draft.Bytes) >= 0; )
        {
            count++;
        }

        return [.. publications.Take(count)];
    }
}
