using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>One thing for a lane to do, in its turn. Linked, so that a lane with nothing to do holds nothing.</summary>
internal sealed class LaneItem(LaneItemKind kind)
{
    /// <summary>The answer to a join.</summary>
    public LaneItem(LaneItemKind kind, Receiver receiver, JoinedEvent joined, TaskCompletionSource done)
        : this(kind) => (Receiver, Event, Done) = (receiver, joined, done);

    public LaneItemKind Kind { get; } = kind;

    /// <summary>The item behind it. The room's lock guards it.</summary>
    public LaneItem? Next { get; set; }

    /// <summary>The event to deliver.</summary>
    public RoomEvent? Event { get; init; }

    /// <summary>The receiver that it concerns; null for all.</summary>
    public Receiver? Receiver { get; init; }

    /// <summary>The client that is not told.</summary>
    public string? ExceptClientId { get; init; }

    /// <summary>Whether the receiver is told the differences of the room's presence from here on.</summary>
    public bool HearsPresence { get; init; }

    /// <summary>When the node heard of it; never when nobody wants to know.</summary>
    public TimeSpan HeardAt { get; init; } = MonotonicClock.Never;

    /// <summary>The span of its delivery; null for none.</summary>
    public Activity? Span { get; set; }

    /// <summary>Completed when it has been done.</summary>
    public TaskCompletionSource? Done { get; init; }
}

/// <summary>A step of a lane.</summary>
internal enum LaneItemKind : byte
{
    /// <summary>Tells an event to all receivers.</summary>
    Tell,

    /// <summary>Tells a receiver that it has joined, and whatever comes from here on.</summary>
    Join,

    /// <summary>Tells a receiver whatever comes from here on, without telling it that it has joined.</summary>
    Follow,

    /// <summary>Keeps what comes for a receiver, while its history is read.</summary>
    Hold,

    /// <summary>Tells a receiver that it has joined, with the history read, and what was kept since.</summary>
    CatchUp,

    /// <summary>The history could not be read: the receiver gets everything, as before.</summary>
    Abandon,

    /// <summary>Tells a receiver nothing more.</summary>
    Remove,

    /// <summary>Nothing: a receiver has been told what was before.</summary>
    Reach,
}
