namespace Longwire.Hubs;

/// <summary>A client that takes its messages by HTTP, from an outbox, and sends its own by other requests.</summary>
internal abstract class HttpHubLink(Hub hub, HttpHello hello) : HubLink
{
    protected Hub Hub => hub;

    protected HubHttpOptions Options => hub.Context.Settings.Http;

    protected Outbox Outbox { get; } = new(hub.Context.Settings.Http.OutboxBytes);

    /// <summary>The text that the client gives back to go on from here.</summary>
    protected LastEventId Id { get; } = new(hello.Rooms);

    /// <summary>With which reason the hub closed it.</summary>
    public string CloseReason { get; private set; } = "";

    public override long WaitingBytes => Outbox.Bytes;

    public override HubProtocol Protocol => JsonProtocol.Text;

    public override bool TakesMessages => false;

    public override TimeSpan PingInterval => Timeout.InfiniteTimeSpan;

    public override int MaxMessageBytes => Options.MaxRequestBytes;

    public override bool IsOpen => ClosedWith is null;

    /// <summary>Has the hub let it in, and joins the rooms that the client named.</summary>
    public void Begin(HubHandshake handshake)
    {
        hub.Accept(this, handshake);
        foreach (byte[] join in hello.Joins())
        {
            // A session that is not let in hears none of it.
            Session?.Receive(this, MessageType.Text, join);
        }
    }

    /// <summary>Waits until the hub has let the client in, or has not: then it is closed.</summary>
    public async Task<bool> IsLetInAsync()
    {
        while (true)
        {
            Task woken = Outbox.Woken;
            if (!Outbox.IsEmpty || ClosedWith is not null)
            {
                return ClosedWith is null || !Outbox.IsEmpty;
            }

            await woken.ConfigureAwait(false);
        }
    }

    /// <summary>Why the client was not let in, which the answer to its request says.</summary>
    public Refusal Refusal
    {
        get => field ?? new Refusal(ClosedWith!.Value, CloseReason);
        private set;
    }

    public override string Secret => Id.Secret;

    public override void KnowSecret(string secret) => Id.Secret = secret;

    public override void Refuse(Refusal refusal)
    {
        if (Secret.Length > 0)
        {
            base.Refuse(refusal);
            return;
        }

        Refusal = refusal;
        TryClose(refusal.Status, refusal.Reason);
    }

    public override bool TrySend(ReadOnlySpan<byte> json) => Outbox.TryAdd(new OutboxEntry(json.ToArray()));

    public override bool TrySend(PreparedMessage message, in SendOptions options) =>
        Add(message.Type == MessageType.Text ? message.Payload : PassingBytes(message.Payload.Span), told: null, options);

    protected override bool TrySend(RoomEvent told, in SendOptions options) => Add(told.FrameBy(Protocol).Payload, told, options);

    protected override void StartClosing(CloseStatus status, string reason)
    {
        CloseReason = reason;
        Outbox.Wake();
    }

    private bool Add(ReadOnlyMemory<byte> json, RoomEvent? told, in SendOptions options) =>
        Outbox.TryAdd(new OutboxEntry(json, told, options.WhenFull == SendQueueFullMode.DropOldest, options.ReplaceKey));

    /// <summary><c>message {room?, binary}</c></summary>
    private static byte[] PassingBytes(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> payload = BinaryMessages.ReadPassing(message, out string room);
        using JsonBuffer json = JsonBuffer.Rent("message"u8);
        if (room.Length > 0)
        {
            json.Writer.WriteString("room"u8, room);
        }

        json.Writer.WriteBase64String("binary"u8, payload);
        return json.End().ToArray();
    }
}
