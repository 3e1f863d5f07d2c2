namespace Longwire.Hubs;

/// <summary>The hub's API keys, and how much each has published. Thread-safe.</summary>
internal sealed class ApiKeys(IEnumerable<HubApiKey> keys, MonotonicClock clock)
{
    private readonly SecretTable<Entry> _entries = new(keys.Select(static key => (Convert.FromHexString(key.Hash), new Entry(key))));

    /// <summary>The key with a text; null where there is none.</summary>
    public Entry? Find(string? text) => _entries.Find(text);

    /// <summary>Counts one publication, or says when to try again.</summary>
    public bool TryTake(Entry entry, out TimeSpan retryAfter)
    {
        lock (entry)
        {
            retryAfter = TimeSpan.Zero;
            return entry.Key.Rate is not { } rate || entry.Bucket.TryTake(rate, clock.Now, out retryAfter);
        }
    }

    /// <summary>One key.</summary>
    public sealed class Entry(HubApiKey key)
    {
        private TokenBucket _bucket;

        public HubApiKey Key => key;

        /// <summary>The entry's lock guards it.</summary>
        public ref TokenBucket Bucket => ref _bucket;

        public bool MayPublishIn(string room) =>
            key.Rooms.Any(allowed =>
                allowed.EndsWith('*') ? room.StartsWith(allowed[..^1], StringComparison.Ordinal) : room == Names.Normalize(allowed)
            );
    }
}
