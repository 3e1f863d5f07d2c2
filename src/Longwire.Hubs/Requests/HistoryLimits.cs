namespace Longwire.Hubs;

/// <summary>Keeps what is read from history within what one answer may hold.</summary>
internal static class HistoryLimits
{
    /// <summary>
    /// Whether a page is exactly what was missed since a position: the same epoch, no gap, nothing left out, not too much.
    /// </summary>
    public static bool IsAllSince(HistoryPage page, RoomPosition since, int maxBytes) =>
        page.Position.Epoch == since.Epoch
        && page.Publications.Count == page.Position.Offset - since.Offset
        && page.Publications.Sum(publication => (long)publication.Json.Length) <= maxBytes;

    /// <summary>The newest publications that fit.</summary>
    public static Publication[] Newest(IReadOnlyList<Publication> publications, int maxBytes)
    {
        int first = publications.Count;
        for (int room = maxBytes; first > 0 && (room -= publications[first - 1].Json.Length) >= 0; )
        {
            first--;
        }

        return [.. publications.Skip(first)];
    }

    /// <summary>The oldest publications that fit: the client asks for the rest from there.</summary>
    public static Publication[] Oldest(IReadOnlyList<Publication> publications, int maxBytes)
    {
        int count = 0;
        for (int room = maxBytes; count < publications.Count && (room -= publications[count].Json.Length) >= 0; )
        {
            count++;
        }

        return [.. publications.Take(count)];
    }
}
