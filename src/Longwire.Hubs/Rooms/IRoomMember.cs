using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>What a room knows of a member: the way to tell it something. All of it returns at once and never throws.</summary>
internal interface IRoomMember
{
    string ClientId { get; }

    /// <summary>The event loop that the member is best told on; null for any thread.</summary>
    PipeScheduler? Loop { get; }

    /// <summary>Tells the member. False when it could not be told; what then becomes of it is the member's matter.</summary>
    bool Deliver(RoomEvent told, SlowConsumerPolicy policy);

    /// <summary>More came than may wait for it: it has to start over.</summary>
    void CloseTooSlow();
}
