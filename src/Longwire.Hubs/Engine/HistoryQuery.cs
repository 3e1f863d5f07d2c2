namespace Longwire.Hubs.Engines;

/// <summary>
/// Which part of a room's history to read: what follows <see cref="Since"/>, else the newest before <see cref="Before"/>, else the newest.
/// </summary>
public readonly record struct HistoryQuery
{
    /// <summary>Only publications with a greater offset, oldest first kept when there are more than <see cref="Limit"/>.</summary>
    public long? Since { get; init; }

    /// <summary>Only publications with a smaller offset, newest kept when there are more than <see cref="Limit"/>.</summary>
    public long? Before { get; init; }

    /// <summary>
    /// Whether the changes of the room's map are read too, which <see cref="Since"/> requires to have the sequence without gaps.
    /// Default: false, messages only.
    /// </summary>
    public bool WithChanges { get; init; }

    /// <summary>The greatest number of publications to return.</summary>
    public required int Limit { get; init; }
}
