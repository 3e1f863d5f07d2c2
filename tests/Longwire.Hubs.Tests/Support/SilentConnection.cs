namespace Longwire.Hubs.Tests;

/// <summary>A connection that only counts, for tests of many members; and one that fails, for tests of what then happens.</summary>
internal sealed class SilentConnection : HubLink
{
    public int Sent { get; private set; }

    public PreparedMessage? LastBroadcast { get; private set; }

    /// <summary>Called instead of the next broadcast, which fails.</summary>
    public Action? OnBroadcast { get; set; }

    /// <summary>Called before a broadcast is taken.</summary>
    public Action? OnTelling { get; set; }

    /// <summary>Whether it takes no more broadcasts, as one whose peer does not read.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether the offsets of messages are read and kept.</summary>
    public bool RecordsOffsets { get; set; }

    public List<long> Offsets { get; } = [];

    /// <summary>Thrown by everything it does, when set.</summary>
    public Exception? Failure { get; set; }

    public CloseStatus? StartedClosing { get; private set; }

    public override string Transport => "test";

    public override TimeSpan PingInterval => Timeout.InfiniteTimeSpan;

    public override int MaxMessageBytes => int.MaxValue;

    public override bool IsOpen => StartedClosing is null;

    public override bool TrySend(ReadOnlySpan<byte> json)
    {
        ThrowIfFailing();
        Sent++;
        return true;
    }

    public override bool TrySend(PreparedMessage message, in SendOptions options)
    {
        ThrowIfFailing();
        if (OnBroadcast is { } fail)
        {
            fail();
            return false;
        }

        OnTelling?.Invoke();
        if (IsFull)
        {
            return false;
        }

        Sent++;
        if (RecordsOffsets)
        {
            using var document = System.Text.Json.JsonDocument.Parse(message.Payload);
            if (document.RootElement.Text("type") == "message")
            {
                Offsets.Add(document.RootElement.Number("offset"));
            }
        }

        LastBroadcast = message;
        return true;
    }

    protected override void StartClosing(CloseStatus status, string reason)
    {
        StartedClosing = status;
        ThrowIfFailing();
    }

    private void ThrowIfFailing()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
