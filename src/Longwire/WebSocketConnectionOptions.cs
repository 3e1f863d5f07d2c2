using Longwire.Protocol;

namespace Longwire;

/// <summary>The limits and times of a connection. Immutable; one object serves any number of connections.</summary>
public sealed record WebSocketConnectionOptions
{
    /// <summary>The defaults.</summary>
    public static WebSocketConnectionOptions Default { get; } = new();

    /// <summary>
    /// The largest message to receive, in bytes; a larger one fails the connection with 1009. Default 1 MiB, at most 1 GiB.
    /// </summary>
    public int MaxMessageBytes
    {
        get => Limits.MaxMessageBytes;
        init => Limits = Limits with { MaxMessageBytes = value };
    }

    /// <summary>
    /// When above 0, messages are received as a stream, by <see cref="WebSocketConnection.ReadStreamAsync"/> only, without any of them
    /// being held whole, and this is the largest message in bytes, not <see cref="MaxMessageBytes"/>: a larger one fails the connection
    /// with 1009. Default 0, at most 1 PiB. Without effect on a connection with a handler, which gets whole messages.
    /// </summary>
    public long MaxStreamedMessageBytes
    {
        get => Limits.MaxStreamedMessageBytes;
        init => Limits = Limits with { MaxStreamedMessageBytes = value };
    }

    /// <summary>The most fragments that a received message may come in; more fail the connection with 1008. Default 131,072.</summary>
    public int MaxFragments
    {
        get => Limits.MaxFragments;
        init => Limits = Limits with { MaxFragments = value };
    }

    /// <summary>
    /// How many bytes of messages may wait to be sent; each message counts 64 bytes beside its payload. A message larger than this is taken
    /// only when nothing else waits. Default 1 MiB.
    /// </summary>
    public int SendQueueBytes
    {
        get;
        init => field = AtLeast(value, 1);
    } = 1 << 20;

    /// <summary>What happens when the send queue is full. Default <see cref="Longwire.SendQueueFullMode.Wait"/>.</summary>
    public SendQueueFullMode SendQueueFullMode { get; init; } = SendQueueFullMode.Wait;

    /// <summary>
    /// How many bytes of received messages may wait to be read by <see cref="WebSocketConnection.ReadAllAsync"/>; each message
    /// counts 64 bytes beside its payload. When there are more, receiving pauses and TCP holds the peer back. Default 64 KiB; one message
    /// is always taken.
    /// </summary>
    public int ReceiveQueueBytes
    {
        get;
        init => field = AtLeast(value, 1);
    } = 64 << 10;

    /// <summary>
    /// How long nothing may come from the peer before a ping asks whether it is alive. Default 30 s; infinite sends none.
    /// </summary>
    public TimeSpan PingInterval
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after such a ping anything, not just the pong, must have come; else the connection is dead and ends with
    /// 1006. It counts from when the peer last took something of what was sent before the ping. Default 20 s.
    /// </summary>
    public TimeSpan PongTimeout
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the peer may send no message before the connection closes with 1001 "Idle". Each part of a message counts, pings and pongs
    /// don't. Default infinite.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = Positive(value);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// The least bytes per second, in either direction: at which the peer must take what waits to be sent, and at which it must send a
    /// message that it has begun. Default 240; 0 sets no such limit.
    /// </summary>
    /// <remarks>
    /// A peer may stand still for 10 seconds, and each byte buys it the time that the rate gives it, up to 60 seconds ahead; so the rate
    /// holds on average, however the network bundles the bytes. A slower peer is aborted (<see cref="WebSocketConnection.AbortCause"/> is
    /// <see cref="ConnectionAbortCause.TooSlow"/>). Above this rate nothing that was sent is lost to a time-out: there is no other limit on
    /// how long sending, receiving a message, or closing behind what was sent may take.
    /// </remarks>
    public int MinDataRateBytesPerSecond
    {
        get;
        init => field = AtLeast(value, 0);
    } = 240;

    /// <summary>
    /// How long the other side may do nothing while the connection closes: the peer, from when this side's Close frame and all before it
    /// have left; and a reader that has messages left which came before the end, from the last one that it took. Default 5 s.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What this connection's unfinished messages and what it has yet to send count against. Default <see cref="MemoryBudget.Shared"/>.
    /// </summary>
    public MemoryBudget MemoryBudget
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = MemoryBudget.Shared;

    /// <summary>
    /// Whether and how the opening handshake agrees on compressed messages (permessage-deflate, RFC 7692). Default: it doesn't.
    /// Don't compress a secret beside what an attacker chooses: the length of the result tells of the secret.
    /// </summary>
    public DeflateOptions Deflate { get; init; } = new();

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The receiver's part of these options.</summary>
    internal ReceiverLimits Limits { get; private init; } = ReceiverLimits.Default;

    private static int AtLeast(int value, int least)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }

    private static TimeSpan Positive(TimeSpan value)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        }

        return value;
    }
}
