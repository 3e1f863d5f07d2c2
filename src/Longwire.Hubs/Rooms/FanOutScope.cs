namespace Longwire.Hubs;

/// <summary>
/// This thread's work. While it calls the engine, the rooms that the engine tells of publications are noted, because the engine
/// may hold a lock; they are worked through when the call has returned.
/// </summary>
internal static class FanOutScope
{
    [ThreadStatic]
    private static int _calls;

    [ThreadStatic]
    private static int _deliveries;

    [ThreadStatic]
    private static List<FanOut>? _told;

    /// <summary>Whether this thread is telling members of some room.</summary>
    public static bool IsDelivering => _deliveries > 0;

    /// <summary>Begins a call of the engine.</summary>
    public static Calling Call()
    {
        _calls++;
        return default;
    }

    /// <summary>Begins to tell members.</summary>
    public static Delivering Deliver()
    {
        _deliveries++;
        return default;
    }

    /// <summary>A room has something to tell its members.</summary>
    public static void Note(FanOut fanOut)
    {
        if (_calls == 0)
        {
            // The engine's own thread: it is not to be kept.
            fanOut.Run(mayDeliver: false);
            return;
        }

        _told ??= [];
        if (!_told.Contains(fanOut))
        {
            _told.Add(fanOut);
        }
    }

    private static void EndCall()
    {
        if (--_calls > 0 || _told is not { Count: > 0 } told)
        {
            return;
        }

        _told = null;
        foreach (FanOut fanOut in told)
        {
            fanOut.Run();
        }

        told.Clear();
        _told = told;
    }

#pragma warning disable CA1822 // They end a scope: they have to look like one.
    public readonly ref struct Calling
    {
        public void Dispose() => EndCall();
    }

    public readonly ref struct Delivering
    {
        public void Dispose() => _deliveries--;
    }
#pragma warning restore CA1822
}
