namespace Longwire.Hubs.Engines;

/// <summary>How a publication is kept.</summary>
/// <param name="HistorySize">How many publications the room keeps; 0 for none.</param>
/// <param name="HistoryBytes">How many bytes of publications the room keeps; the oldest go first.</param>
/// <param name="HistoryAge">How long the room keeps a publication.</param>
public readonly record struct StoreOptions(int HistorySize, int HistoryBytes, TimeSpan HistoryAge)
{
    /// <summary>By what it is recognised when it is sent again; null when it need not be.</summary>
    public IdempotencyKey? IdempotencyKey { get; init; }

    /// <summary>A hash of the content. Another one under the same key is <see cref="PublishOutcome.IdReused"/>.</summary>
    public ulong Fingerprint { get; init; }

    /// <summary>How long the key is remembered.</summary>
    public TimeSpan IdempotencyAge { get; init; }
}
