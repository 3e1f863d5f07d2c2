using System.Runtime.CompilerServices;
using Longwire.Protocol;

namespace Longwire;

/// <summary>
/// The limits and times of a connection. One object serves any number of connections; from the first on it can't be changed any more, but
/// a copy made by <c>with</c> can.
/// </summary>
public sealed record WebSocketConnectionOptions
{
    private Seal _seal;

    /// <summary>The defaults: a new object each time, so that nobody changes everybody's.</summary>
    public static WebSocketConnectionOptions Default => new();

    /// <summary>
    /// The largest message to receive, in bytes; a larger one fails the connection with 1009. Default 1 MiB, at most 1 GiB.
    /// </summary>
    public int MaxMessageBytes
    {
        get => Limits.MaxMessageBytes;
        set => Limits = Limits with { MaxMessageBytes = Changing(value) };
    }

    /// <summary>
    /// When above 0, messages are received as a stream, by <see cref="WebSocketConnection.ReadStreamAsync"/> only, without any of them
    /// being held whole, and this is the largest message in bytes, not <see cref="MaxMessageBytes"/>: a larger one fails the connection
    /// with 1009. Default 0, at most 1 PiB. Without effect on a connection with a handler, which gets whole messages.
    /// </summary>
    public long MaxStreamedMessageBytes
    {
        get => Limits.MaxStreamedMessageBytes;
        set => Limits = Limits with { MaxStreamedMessageBytes = Changing(value) };
    }

    /// <summary>The most fragments that a received message may come in; more fail the connection with 1008. Default 131,072.</summary>
    public int MaxFragments
    {
        get => Limits.MaxFragments;
        set => Limits = Limits with { MaxFragments = Changing(value) };
    }

    /// <summary>
    /// How many bytes of messages may wait to be sent; each message counts 64 bytes beside its payload. A message larger than this is taken
    /// only when nothing else waits. Default 1 MiB.
    /// </summary>
    public int SendQueueBytes
    {
        get;
        set => field = AtLeast(Changing(value), 1);
    } = 1 << 20;

    /// <summary>The behaviour when the send queue is full. Default <see cref="Longwire.SendQueueFullMode.Wait"/>.</summary>
    public SendQueueFullMode SendQueueFullMode
    {
        get;
        set => field = Changing(value);
    } = SendQueueFullMode.Wait;

    /// <summary>
    /// How many bytes of received messages may wait to be read by <see cref="WebSocketConnection.ReadAllAsync"/>; each message
    /// counts 64 bytes beside its payload. When there are more, receiving pauses and TCP holds the peer back. Default 64 KiB; one message
    /// is always taken.
    /// </summary>
    public int ReceiveQueueBytes
    {
        get;
        set => field = AtLeast(Changing(value), 1);
    } = 64 << 10;

    /// <summary>
    /// How long nothing may come from the peer before a ping asks whether it is alive. Default 30 s; infinite sends none.
    /// </summary>
    public TimeSpan PingInterval
    {
        get;
        set => field = Positive(Changing(value));
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after such a ping anything, not just the pong, must have come; else the connection is dead and ends with
    /// 1006. It counts from when the peer last took something of what was sent before the ping. Default 20 s.
    /// </summary>
    public TimeSpan PongTimeout
    {
        get;
        set => field = Positive(Changing(value));
    } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long the peer may send no message before the connection closes with 1001 "Idle". Each part of a message counts, pings and pongs
    /// don't. Default infinite.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        set => field = Positive(Changing(value));
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
        set => field = AtLeast(Changing(value), 0);
    } = 240;

    /// <summary>
    /// How long the other side may do nothing while the connection closes: the peer, from when this side's Close frame and all before it
    /// have left; and a reader that has messages left which came before the end, from the last one that it took. Default 5 s.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        set => field = Positive(Changing(value));
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The budget that this connection's unfinished messages and unsent bytes count against. Default <see cref="MemoryBudget.Shared"/>.
    /// </summary>
    public MemoryBudget MemoryBudget
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = Changing(value);
        }
    } = MemoryBudget.Shared;

    /// <summary>
    /// Whether and how the opening handshake agrees on compressed messages (permessage-deflate, RFC 7692). Default: it doesn't.
    /// Don't compress a secret beside what an attacker chooses: the length of the result tells of the secret.
    /// </summary>
    public DeflateOptions Deflate
    {
        get;
        set => field = Changing(value);
    } = new();

    /// <summary>Sees each frame of the connection. Default null: nobody does, and nothing is spent on it.</summary>
    public IWebSocketFrameObserver? FrameObserver
    {
        get;
        set => field = Changing(value);
    }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider
    {
        get;
        set => field = Changing(value);
    } = TimeProvider.System;

    /// <summary>The receiver's part of these options.</summary>
    internal ReceiverLimits Limits { get; private set; } = new();

    /// <summary>Keeps these options as they are, for good.</summary>
    internal void MakeReadOnly() => _seal = new Seal(this);

    private T Changing<T>(T value) =>
        _seal.IsOn(this)
            ? throw new InvalidOperationException("These options are in use and can't be changed any more: change a copy made by 'with'.")
            : value;

    private static int AtLeast(int value, int least, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }

    private static TimeSpan Positive(TimeSpan value, [CallerMemberName] string name = "")
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        }

        return value;
    }

    // Names the object that it closes, so that a copy, which takes it along, is open again. It makes no difference between equal options.
    private readonly struct Seal(object closed) : IEquatable<Seal>
    {
        public bool IsOn(object options) => ReferenceEquals(closed, options);

        public bool Equals(Seal other) => true;

        public override bool Equals(object? other) => other is Seal;

        public override int GetHashCode() => 0;
    }
}
