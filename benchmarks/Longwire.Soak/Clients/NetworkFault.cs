namespace Longwire.Soak;

/// <summary>The faults of a network.</summary>
internal enum NetworkFault
{
    /// <summary>It ends in the middle of a frame, both ways.</summary>
    Cut,

    /// <summary>It is reset.</summary>
    Reset,

    /// <summary>One direction ends.</summary>
    HalfClose,

    /// <summary>Nothing passes any more in one direction, and nobody is told.</summary>
    Freeze,

    /// <summary>One direction stands still for a moment.</summary>
    Delay,

    /// <summary>Other bytes come than were sent, and soon it is cut.</summary>
    Corrupt,
}
