namespace Longwire.Hubs.Testing;

/// <summary>A connection that hands over what is sent, at once and on the sender's thread.</summary>
internal sealed class TestConnection(Hub hub, TestInbox inbox) : HubLink
{
    private int _isClosed;

    public override string Transport => "test";

    public override TimeSpan PingInterval => Timeout.InfiniteTimeSpan;

    public override int MaxMessageBytes => int.MaxValue;

    public override bool IsOpen => Volatile.Read(ref _isClosed) == 0;

    public override bool TrySend(ReadOnlySpan<byte> json) => TryTake(json);

    public override bool TrySend(PreparedMessage message, in SendOptions options)
    {
        if (message.Type != MessageType.Binary)
        {
            return TryTake(message.Payload.Span);
        }

        inbox.TakeBytes(message.Payload.Span);
        return true;
    }

    /// <summary>Ends the connection, with or without a goodbye.</summary>
    public void End(CloseStatus status, string reason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            inbox.Close(status, reason);
            hub.Release(this, status);
        }
    }

    protected override void StartClosing(CloseStatus status, string reason) => End(status, reason);

    private bool TryTake(ReadOnlySpan<byte> json)
    {
        if (!IsOpen)
        {
            return false;
        }

        inbox.Take(json);
        return true;
    }
}
