namespace Longwire.Hubs.Benchmarks;

/// <summary>A member's connection that sends nothing, and counts what it would have sent.</summary>
internal sealed class CountingLink : HubLink
{
    private int _sent;

    /// <summary>How much it was given to send.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>How many publications were among that.</summary>
    public long Publications { get; private set; }

    /// <summary>The last of what was prepared for many.</summary>
    public PreparedMessage? Last { get; private set; }

    public override string Transport => "counting";

    public override TimeSpan PingInterval => Timeout.InfiniteTimeSpan;

    public override int MaxMessageBytes => int.MaxValue;

    public override bool IsOpen => true;

    public override bool TrySend(ReadOnlySpan<byte> json)
    {
        _sent++;
        return true;
    }

    public override bool TrySend(PreparedMessage message, in SendOptions options)
    {
        Last = message;
        Publications += message.Payload.Span.StartsWith("""{"type":"message","""u8) ? 1 : 0;
        _sent++;
        return true;
    }

    protected override void StartClosing(CloseStatus status, string reason) { }
}
