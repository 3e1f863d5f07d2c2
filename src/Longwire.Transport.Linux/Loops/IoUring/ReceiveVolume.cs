namespace Longwire.Transport.Linux;

/// <summary>
/// How much a socket brings at a time, and so how it is read: by the ring's multishot receive, or polled and read by calls of its own.
/// </summary>
internal struct ReceiveVolume
{
    private const int LargeBytes = 8 * 1024;

    // One large receive outweighs a few small ones, and it takes some of either kind in a row to change over.
    private const byte Polled = 0x80;
    private const int LargeWeight = 4;
    private const int PolledAt = 8;
    private const int MaxWeight = 32;

    private byte _value; // the weight, and above it the mode

    /// <summary>Whether the socket is polled.</summary>
    public readonly bool IsPolled => (_value & Polled) != 0;

    /// <summary>Notes what a receive has brought.</summary>
    /// <returns>Whether the socket changes over to the other way of being read.</returns>
    public bool Note(int received)
    {
        int mode = _value & Polled;
        int weight = _value & ~Polled;
        weight = received >= LargeBytes ? Math.Min(weight + LargeWeight, MaxWeight) : Math.Max(weight - 1, 0);
        bool changes = mode == 0 ? weight >= PolledAt : weight == 0;
        _value = (byte)((changes ? mode ^ Polled : mode) | weight);
        return changes;
    }
}
