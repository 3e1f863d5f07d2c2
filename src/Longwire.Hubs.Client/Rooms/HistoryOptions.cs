namespace Longwire.Hubs.Client;

/// <summary>Which messages of a room's history to have. Without <see cref="Since"/> and <see cref="Before"/>: the newest.</summary>
public sealed record HistoryOptions
{
    /// <summary>Those after this offset, the oldest first where there are more than <see cref="Limit"/>. Default null.</summary>
    public long? Since { get; set; }

    /// <summary>The newest before this offset. Default null.</summary>
    public long? Before { get; set; }

    /// <summary>How many at the most. Default null: as many as the hub gives, which is at most 1,000 and 256 KiB.</summary>
    public int? Limit { get; set; }
}
