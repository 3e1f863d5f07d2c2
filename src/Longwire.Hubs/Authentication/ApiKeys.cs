using System.Security.Cryptography;
using System.Text;

namespace Longwire.Hubs;

/// <summary>The hub's API keys, and how much each has published. Thread-safe.</summary>
internal sealed class ApiKeys(IEnumerable<HubApiKey> keys, MonotonicClock clock)
{
    private readonly Entry[] _entries = [.. keys.Select(static key => new Entry(key))];

    /// <summary>The key with a text; null where there is none.</summary>
    public Entry? Find(string? text)
    {
        if (text is null)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        Entry? found = null;
        foreach (Entry entry in _entries)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, entry.Hash) ? entry : found;
        }

        return found;
    }

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

        public byte[] Hash { get; } = Convert.FromHexString(key.Hash);

        /// <summary>The entry's lock guards it.</summary>
        public ref TokenBucket Bucket => ref _bucket;

        public bool MayPublishIn(string room) =>
            key.Rooms.Any(allowed =>
                allowed.EndsWith('*') ? room.StartsWith(allowed[..^1], StringComparison.Ordinal) : room == Names.Normalize(allowed)
            );
    }
}
