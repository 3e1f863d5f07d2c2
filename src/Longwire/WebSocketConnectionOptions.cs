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
    /// 1006. Default 20 s.
    /// </summary>
    public TimeSpan PongTimeout
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the peer may send no message before the connection closes with 1001 "Idle". Pings and pongs don't count. Default infinite.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = Positive(value);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>How long the transport may take no byte of what is to be sent before the connection ends with 1006. Default 60 s.</summary>
    public TimeSpan SendTimeout
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(60);

    /// <summary>How long the closing handshake may take before TCP is ended. Default 5 s.</summary>
    public TimeSpan CloseTimeout
    {
        get;
        init => field = Positive(value);
    } = TimeSpan.FromSeconds(5);

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
