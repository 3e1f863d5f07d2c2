using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// A member while it is told what happens in a room, and what a room knows of it: the way to tell it something, which returns at once and
/// never throws. Only its lane touches what may be set, but for what the room's lock guards.
/// </summary>
internal abstract class Receiver
{
    public abstract string ClientId { get; }

    /// <summary>The event loop that the member is best told on; null for any thread.</summary>
    public abstract PipeScheduler? Loop { get; }

    /// <summary>Where it is among its lane's receivers; negative when nothing is delivered to it.</summary>
    public int Index { get; set; } = -1;

    /// <summary>Whether its lane will have it when all that is queued is done. The room's lock guards it.</summary>
    public bool IsExpected { get; set; }

    /// <summary>Whether it is told the differences of the room's presence.</summary>
    public bool HearsPresence { get; set; }

    /// <summary>Where it stands while that is not where its lane stands; null at rest, so that it costs nothing.</summary>
    public ReceiverStart? Start { get; set; }

    /// <summary>Tells the member. False when it could not be told; what then becomes of it is the member's matter.</summary>
    public abstract bool Deliver(RoomEvent told, SlowConsumerPolicy policy);

    /// <summary>More came than may wait for it: it has to start over.</summary>
    public abstract void CloseTooSlow();
}
