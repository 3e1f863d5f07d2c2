using System.Buffers.Text;
using System.Security.Cryptography;

namespace Longwire.Hubs.Client;

/// <summary>
/// The copy of an outbox beside the client's memory. Not thread safe: the client's lock guards it. The calls of this class keep
/// nothing.
/// </summary>
internal abstract class OutboxJournal : IDisposable
{
    /// <summary>The client's own name for where its ids come from, kept as long as the outbox is.</summary>
    public abstract string Producer { get; }

    /// <summary>Where the entries are for; null before the first connection.</summary>
    public abstract string? Destination { get; }

    /// <summary>The entries found when it was opened, in order.</summary>
    public abstract IReadOnlyList<OutboxEntry> Entries { get; }

    /// <summary>How many damaged bytes were cut off when it was opened.</summary>
    public virtual long DamagedBytes => 0;

    /// <summary>An entry was added. When the call returns it is kept.</summary>
    public virtual void Added(OutboxEntry entry) { }

    /// <summary>An entry is about to be sent for the first time.</summary>
    public virtual void Sending(OutboxEntry entry) { }

    /// <summary>An entry is settled: it is forgotten.</summary>
    public virtual void Settled(OutboxEntry entry, IEnumerable<OutboxEntry> left) { }

    /// <summary>From here on the entries that had no owner, or another guest, have this one, and are for this destination.</summary>
    public virtual void Owned(string destination, string owner) { }

    public virtual void Dispose() { }

    protected static string NewProducer() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
