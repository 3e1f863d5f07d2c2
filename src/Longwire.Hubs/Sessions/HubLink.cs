using System.IO.Pipelines;

namespace Longwire.Hubs;

/// <summary>
/// A connection as the hub needs it: to send without waiting, and to close without waiting. It is the session's receiver in the room of
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

    /// <summary>The way in that the client took, as figures and the administrator are told.</summary>
    public abstract string Transport { get; }

    /// <summary>How many bytes wait for the client to read them.</summary>
    public virtual long WaitingBytes => 0;

    /// <summary>By which an administrator watches the session's user; null when nobody does.</summary>
    public LiveTrace? Trace { get; private set; }

    /// <summary>How often the server pings; infinite for never.</summary>
    public abstract TimeSpan PingInterval { get; }

    /// <summary>How it writes what happens in rooms.</summary>
    public virtual HubProtocol Protocol => JsonProtocol.Frames;

    /// <summary>
    /// Whether the client sends its messages on this connection too: so it can sign in by one, and shows by one that it has read its
    /// secret.
    /// </summary>
    public virtual bool TakesMessages => true;

    /// <summary>The largest message the connection takes.</summary>
    public abstract int MaxMessageBytes { get; }

    /// <summary>False once the closing handshake began.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>
    /// The status with which the hub closed the connection; null when it did not. It counts, whatever the client answers.
    /// </summary>
    public CloseStatus? ClosedWith => Volatile.Read(ref _closedWith) is var status and not 0 ? (CloseStatus)status : null;

    /// <summary>False when the queue is full or the connection is closing.</summary>
    public abstract bool TrySend(ReadOnlySpan<byte> json);

    /// <summary>The same, for a message framed once for many.</summary>
    public abstract bool TrySend(PreparedMessage message, in SendOptions options);

    /// <summary>Tells the session what happened in a room, if this is the connection that joined it.</summary>
    public override bool Deliver(RoomEvent told, SlowConsumerPolicy policy)
    {
        if (!Session!.Hears(this))
        {
            return false;
        }

        bool isLossy = told.IsPassing;
        SendOptions options = default;
        if (policy != SlowConsumerPolicy.Disconnect && told.IsDroppable)
        {
            isLossy = true;
            options = new SendOptions
            {
                WhenFull = SendQueueFullMode.DropOldest,
                ReplaceKey = policy == SlowConsumerPolicy.KeepLatest ? told.ReplaceKey : null,
            };
        }

        try
        {
            if (TrySend(told, options))
            {
                Trace?.Sent(ClientId, told.FrameBy(Protocol));
                return true;
            }
        }
        catch (Exception exception)
        {
            // The others in the room, and whoever speaks there, must not suffer from one member's connection.
            GiveUp(exception);
            return false;
        }

        if (!isLossy)
        {
            CloseTooSlow();
        }

        return false;
    }

    /// <summary>The session's user is watched from here on, or is not any more.</summary>
    public void Watch(LiveTrace? trace) => Trace = trace;

    /// <summary>The session's secret, where the connection keeps it for requests to come; else nothing.</summary>
    public virtual string Secret => "";

    /// <summary>The session's secret is this one from here on.</summary>
    public virtual void KnowSecret(string secret) { }

    /// <summary>Sends <c>connected</c>, the first message of all.</summary>
    public void SendConnected(string secret, bool resumed)
    {
        KnowSecret(secret);
        using JsonBuffer connected = ServerMessages.Connected(
            ClientId,
            Session!.Identity,
            secret,
            resumed,
            Owner.Node.Id,
            PingInterval,
            Owner.Dispatcher.MaxMessageBytes(this),
            Owner.Node.IdempotencyAge
        );
        TrySend(connected.End());
        Owner.Node.Metrics.MessagesSent(1);
    }

    /// <summary>Sends what is for the session alone. A client that does not keep up is closed with 4008.</summary>
    public bool TrySendTo(ReadOnlySpan<byte> json)
    {
        try
        {
            if (TrySend(json))
            {
                Trace?.Sent(ClientId, MessageType.Text, json);
                Owner.Node.Metrics.MessagesSent(1);
                return true;
            }
        }
        catch (Exception exception)
        {
            GiveUp(exception);
            return false;
        }

        CloseTooSlow();
        return false;
    }

    /// <summary>
    /// Sends what is framed once for many; the caller counts it. A client that does not keep up is closed, unless it may be lost.
    /// </summary>
    public bool TrySendTo(PreparedMessage message, bool isLossy, in SendOptions options)
    {
        try
        {
            if (TrySend(message, options))
            {
                Trace?.Sent(ClientId, message);
                return true;
            }
        }
        catch (Exception exception)
        {
            GiveUp(exception);
            return false;
        }

        if (!isLossy)
        {
            CloseTooSlow();
        }

        return false;
    }

    public override void CloseTooSlow()
    {
        if (IsOpen)
        {
            Owner.Node.Log.TooSlow(ClientId);
            Owner.Node.Metrics.SlowConsumerClosed();
            TryClose(HubCloseStatus.TooSlow, "Too slow");
        }
    }

    /// <summary>Starts the closing handshake; never throws, since all that closes has more to do behind it.</summary>
    public void TryClose(CloseStatus status, string reason)
    {
        try
        {
            Close(status, reason);
        }
        catch (Exception exception)
        {
            Owner.Node.Log.CloseFailed(exception, ClientId);
        }
    }

    /// <summary>
    /// Closes the connection of a client that is not let in, or not any more; never throws. One that is banned is told for how long.
    /// </summary>
    public virtual void Refuse(Refusal refusal)
    {
        if (refusal.BannedFor is { } time && IsOpen)
        {
            try
            {
                using JsonBuffer error = ServerMessages.Error(HubError.Banned, id: null, time);
                TrySend(error.End());
            }
            catch (Exception exception)
            {
                Owner.Node.Log.SendFailed(exception, ClientId);
            }
        }

        TryClose(refusal.Status, refusal.Reason);
    }

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

    /// <summary>Sends what happened in a room.</summary>
    protected virtual bool TrySend(RoomEvent told, in SendOptions options) => TrySend(told.FrameBy(Protocol), options);

    /// <summary>Starts the closing handshake; does nothing when the client was first.</summary>
    protected abstract void StartClosing(CloseStatus status, string reason);

    protected NodeSessions Owner => Session!.Owner;

    /// <summary>A send that throws instead of refusing is a fault of ours: the connection is given up.</summary>
    private void GiveUp(Exception exception)
    {
        Owner.Node.Log.SendFailed(exception, ClientId);
        TryClose(CloseStatus.InternalError, "Internal error");
    }
}
