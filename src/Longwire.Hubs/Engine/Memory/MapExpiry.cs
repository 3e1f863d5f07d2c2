namespace Longwire.Hubs.Engines;

/// <summary>When a key of a map is removed.</summary>
internal sealed class MapExpiry(MemoryRoom room, MapItem item, TimeSpan due, long number)
{
    /// <summary>Those that are due first come first.</summary>
    public static Comparer<MapExpiry> ByDue { get; } =
        Comparer<MapExpiry>.Create(static (a, b) => (a.Due, a._number).CompareTo((b.Due, b._number)));

    // Tells those apart that are due at once.
    private readonly long _number = number;

    public MemoryRoom Room { get; } = room;

    public MapItem Item { get; } = item;

    public TimeSpan Due { get; } = due;
}
