namespace Longwire.Hubs.Tests;

public sealed class HistoryRingTests
{
    [Fact]
    public void It_keeps_and_reads_what_a_plain_list_would()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        for (int round = 0; round < 50; round++)
        {
            int capacity = random.Next(1, 20);
            int maxBytes = random.Next(150, 1_500);
            var maxAge = TimeSpan.FromSeconds(random.Next(5, 60));
            var ring = new HistoryRing();
            var bounds = new StoreOptions(capacity, maxBytes, maxAge);
            var list = new List<(Publication Publication, TimeSpan At)>();
            TimeSpan now = TimeSpan.Zero;
            for (long offset = 1; offset <= 200; offset++)
            {
                now += TimeSpan.FromSeconds(random.Next(0, 4));
                var publication = new Publication(
                    new RoomPosition("e", offset),
                    PreviousTag: 0,
                    new PublicationDraft("message", null, ContentKind.Binary, new byte[random.Next(1, 120)], default)
                );
                ring.Add(publication, bounds, now);
                list.Add((publication, now));
                if (publication.Draft.Bytes > maxBytes)
                {
                    list.Clear();
                }

                list.RemoveAll(entry => now - entry.At >= maxAge);
                while (list.Count > capacity || list.Sum(entry => entry.Publication.Draft.Bytes) > maxBytes)
                {
                    list.RemoveAt(0);
                }

                var query = new HistoryQuery
                {
                    Since = random.Next(3) == 0 ? random.NextInt64(0, offset + 3) : null,
                    Before = random.Next(3) == 0 ? random.NextInt64(0, offset + 3) : null,
                    Limit = random.Next(0, 25),
                };
                Assert.True(Expected(list, query).SequenceEqual(ring.Read(query)), $"seed {Seed}, round {round}, offset {offset}, {query}");
            }
        }
    }

    private static IEnumerable<Publication> Expected(List<(Publication Publication, TimeSpan At)> list, HistoryQuery query)
    {
        IEnumerable<Publication> publications = list.Select(entry => entry.Publication);
        return query.Since is { } since
            ? publications.Where(publication => publication.Position.Offset > since).Take(query.Limit)
            : publications.Where(publication => publication.Position.Offset < (query.Before ?? long.MaxValue)).TakeLast(query.Limit);
    }
}
