using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// What the hub needs of a connection: to send without waiting, and to close without waiting. It is the session's receiver in the room of
/// everyone, too.
/// </summary>
internal abstract class HubLink : Receiver
{
    private ushort _closedWith;
    private bool _released;

    /// <summary>The session the connection belongs to; null when it was never let in.</summary>
    public HubSession? Session { get; set; }

    /// <summary>Whether others may have been told that it connected, and are to be told that it left.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Whether it hears what is said to everyone. The session's turns guard it.</summary>
    public bool IsHearingAll { get; set; }

    public override string ClientId => Session!.ClientId;

    public override PipeScheduler? Loop => null;

    /// <summary>How often the server pings; infinite for never.</summary>
    public abstract TimeSpan PingInterval { get; }

    /// <summary>The largest message the connection takes.</summary>
    public abstract int MaxMessageBytes { get; }

    /// <summary>False once the closing handshake began.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>What the hub closed the connection with; null when it did not. It counts, whatever the client answers or doesn't.</summary>
    public CloseStatus? ClosedWith => Volatile.Read(ref _closedWith) is var status and not 0 ? (CloseStatus)status : null;

    /// <summary>False when the queue is full or the connection is closing.</summary>
    public abstract bool TrySend(ReadOnlySpan<byte> json);

    /// <summary>The same, for a message framed once for many.</summary>
    public abstract bool TrySend(PreparedMessage message, in SendOptions options);

    public override bool Deliver(RoomEvent told, SlowConsumerPolicy policy) => Session!.Deliver(this, told, policy);

    public override void CloseTooSlow() => Session!.CloseTooSlow(this);

    /// <summary>Starts the closing handshake; the first call decides how.</summary>
    public void Close(CloseStatus status, string reason)
    {
        if (Interlocked.CompareExchange(ref _closedWith, (ushort)status, (ushort)0) == 0)
        {
            StartClosing(status, reason);
        }
    }

    /// <summary>True for the first caller: a connection is counted out once.</summary>
    public bool TryRelease() => !Interlocked.Exchange(ref _released, true);

    /// <summary>Starts the closing handshake; does nothing when the client was first.</summary>
    protected abstract void StartClosing(CloseStatus status, string reason);
}
