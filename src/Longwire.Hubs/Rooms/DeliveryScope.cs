namespace Longwire.Hubs;

/// <summary>
/// Marks that this thread is delivering under a room's lock. A connection that fails during a send may end on the spot, and what
/// follows (leaving rooms, telling others) takes rooms' locks: done right there, two threads could wait for each other for ever.
/// </summary>
internal readonly ref struct DeliveryScope
{
    [ThreadStatic]
    private static int _depth;

    public static bool IsActive => _depth > 0;

    public static DeliveryScope Enter()
    {
        _depth++;
        return default;
    }

#pragma warning disable CA1822 // It ends a scope: it has to look like one.
    public void Dispose() => _depth--;
#pragma warning restore CA1822
}
