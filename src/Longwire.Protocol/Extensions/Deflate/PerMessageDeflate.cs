using System.Buffers;

namespace Longwire.Protocol;

/// <summary>
/// permessage-deflate for one connection (RFC 7692): both directions, with whatever was agreed. Sending and receiving are independent;
/// each is for one thread at a time. <see cref="Dispose"/> may be called from any thread at any time.
/// </summary>
/// <remarks>
/// A direction without context takeover holds no native memory between messages: it rents from the pool. One with it makes its stream at
/// the first compressed message and keeps it. Whether <em>we</em> take the context over is ours to choose whatever was agreed, so when
/// the budget is used up our direction goes without.
/// </remarks>
public sealed class PerMessageDeflate : IDisposable
{
    private static readonly Lazy<bool> _support = new(TryRoundTrip);

    private readonly DeflatePool _pool;
    private readonly int _thresholdBytes;
    private readonly bool _sendTakeover;
    private readonly bool _receiveTakeover;
    private readonly int _receiveWindowBits;
    private readonly DeflateLease? _sendLease;
    private readonly DeflateLease? _receiveLease;

    // Sending state.
    private MessageDeflater? _deflater;
    private bool _contextIsStale;

    // Receiving state.
    private MessageInflater? _inflater;

    private volatile bool _disposed;

    private PerMessageDeflate(
        DeflateParameters parameters,
        DeflateOptions options,
        DeflatePool? pool,
        int sendWindowBits,
        bool sendTakeover,
        int receiveWindowBits,
        bool receiveTakeover
    )
    {
        _pool = pool ?? DeflatePool.Shared;
        Parameters = parameters;
        _thresholdBytes = options.ThresholdBytes;
        CanDeflate = sendWindowBits >= CompressorSettings.MinWindowBits;
        Settings = new CompressorSettings(Math.Max(sendWindowBits, CompressorSettings.MinWindowBits), options.Level, options.MemoryLevel);
        _receiveWindowBits = receiveWindowBits;
        _receiveTakeover = receiveTakeover;
        if (receiveTakeover)
        {
            _receiveLease = _pool.Budget.Lease(MessageInflater.MemoryBytes);
        }

        if (sendTakeover && CanDeflate)
        {
            _sendLease = _pool.Budget.TryLease(Settings.MemoryBytes);
        }

        _sendTakeover = _sendLease is not null;
    }

    /// <summary>
    /// Whether this runtime can do it: the native library that ships with .NET is there and works. Found out once. Where it is
    /// <see langword="false"/>, <see cref="DeflateNegotiation"/> agrees on nothing and offers nothing.
    /// </summary>
    public static bool IsSupported => _support.Value;

    /// <summary>The agreed parameters.</summary>
    public DeflateParameters Parameters { get; }

    /// <summary>
    /// Whether we can compress at all: not with a window of 8 bits, which a server may ask of a client. Messages then go uncompressed,
    /// which is always legal.
    /// </summary>
    public bool CanDeflate { get; }

    /// <summary>The settings of our compressor. Connections with equal settings can be sent the same compressed broadcast.</summary>
    public CompressorSettings Settings { get; }

    /// <summary>Whether our messages refer to those before them.</summary>
    public bool TakesContextOver => _sendTakeover;

    /// <summary>The server's end of a connection.</summary>
    /// <param name="parameters">The agreed parameters.</param>
    /// <param name="options">Level, memory level and threshold.</param>
    /// <param name="pool">Where to rent from and whose budget to count on; <see langword="null"/> for the process's.</param>
    public static PerMessageDeflate ForServer(DeflateParameters parameters, DeflateOptions options, DeflatePool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        return new PerMessageDeflate(
            parameters,
            options,
            pool,
            parameters.ServerMaxWindowBits,
            !parameters.ServerNoContextTakeover,
            parameters.ClientMaxWindowBits,
            !parameters.ClientNoContextTakeover
        );
    }

    /// <summary>The client's end of a connection.</summary>
    /// <param name="parameters">The agreed parameters.</param>
    /// <param name="options">Level, memory level and threshold.</param>
    /// <param name="pool">Where to rent from and whose budget to count on; <see langword="null"/> for the process's.</param>
    public static PerMessageDeflate ForClient(DeflateParameters parameters, DeflateOptions options, DeflatePool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        return new PerMessageDeflate(
            parameters,
            options,
            pool,
            parameters.ClientMaxWindowBits,
            !parameters.ClientNoContextTakeover,
            parameters.ServerMaxWindowBits,
            !parameters.ServerNoContextTakeover
        );
    }

    /// <summary>
    /// Whether a message of that length is worth compressing: with context takeover all are, without it those from
    /// <see cref="DeflateOptions.ThresholdBytes"/> on, and never an empty one.
    /// </summary>
    /// <param name="messageBytes">The message's length in bytes.</param>
    public bool ShouldDeflate(long messageBytes) => CanDeflate && (_sendTakeover || messageBytes >= Math.Max(_thresholdBytes, 1));

    /// <summary>Compresses a whole message, or the last part of one.</summary>
    /// <param name="message">The message, or what is left of it; may be empty.</param>
    /// <param name="output">Takes the payload of the frame or frames to send with RSV1 in the first.</param>
    /// <returns>
    /// How many bytes were written by this call. When that is not shorter than the message and <see cref="TakesContextOver"/> is
    /// <see langword="false"/>, the message may be sent uncompressed instead; with context takeover the result must be sent, for the next
    /// message refers to it.
    /// </returns>
    /// <exception cref="InvalidOperationException"><see cref="CanDeflate"/> is <see langword="false"/>.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public long Deflate(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Deflate(message, ref output);
    }

    /// <inheritdoc cref="Deflate(ReadOnlySpan{byte}, IBufferWriter{byte})"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public long Deflate<TWriter>(ReadOnlySpan<byte> message, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        MessageDeflater deflater = GetDeflater();
        long written;
        try
        {
            written = deflater.Deflate(message, ref output);
        }
        catch
        {
            // Nobody receives this half of a message, so the next one must not refer to it.
            TrimSendContext();
            throw;
        }

        // Either this call takes the stream out of the field and owns it, or a dispose on another thread has taken and freed it.
        if (!_sendTakeover && Interlocked.Exchange(ref _deflater, null) is { } mine)
        {
            _pool.Return(mine);
        }

        return written;
    }

    /// <summary>
    /// Compresses a part of a message that is not its last. <see cref="Deflate"/> ends it; no other message may be sent between.
    /// </summary>
    /// <param name="part">The part; may be empty.</param>
    /// <param name="output">Takes the compressed bytes that are ready.</param>
    /// <param name="flush">Whether the peer shall be able to read all of it now; costs about five bytes.</param>
    /// <returns>How many bytes were written by this call; may be 0.</returns>
    /// <exception cref="InvalidOperationException"><see cref="CanDeflate"/> is <see langword="false"/>.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public long DeflatePart(ReadOnlySpan<byte> part, IBufferWriter<byte> output, bool flush = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        return DeflatePart(part, ref output, flush);
    }

    /// <inheritdoc cref="DeflatePart(ReadOnlySpan{byte}, IBufferWriter{byte}, bool)"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public long DeflatePart<TWriter>(ReadOnlySpan<byte> part, ref TWriter output, bool flush = false)
        where TWriter : IBufferWriter<byte>, allows ref struct => GetDeflater().DeflatePart(part, ref output, flush);

    /// <summary>
    /// To be called when a message was sent whose compressed form came from elsewhere, as from <see cref="DeflatePool.Deflate"/> for a
    /// broadcast.
    /// </summary>
    /// <remarks>
    /// The peer can always read such a message, since it refers to nothing before it. But with context takeover the peer's window now ends
    /// with that message and our compressor's does not: whatever we would refer to lies at another distance over there. So the compressor
    /// forgets what it has, and the next message starts afresh; it compresses less well, once. Without context takeover nothing needs to
    /// be done. An uncompressed message needs no such call either: it enters neither window (RFC 7692 §7.2.3.2).
    /// </remarks>
    public void NoteForeignMessage() => _contextIsStale = true;

    /// <summary>
    /// Frees the context of our direction, for a connection that has long been idle: 352 KB at the default settings. The next message
    /// starts afresh, which is legal at any time between messages; the peer needs to know nothing.
    /// </summary>
    public void TrimSendContext()
    {
        Interlocked.Exchange(ref _deflater, null)?.Dispose();
        _contextIsStale = false;
    }

    /// <summary>
    /// Inflates a part of a message whose first frame had RSV1. Control frames and uncompressed messages don't come here.
    /// </summary>
    /// <param name="part">Payload, unmasked, cut anywhere; may be empty.</param>
    /// <param name="endOfMessage">Whether the message ends with this part.</param>
    /// <param name="maxMessageBytes">The limit of the whole inflated message.</param>
    /// <param name="output">Takes the inflated bytes, never more than the limit.</param>
    /// <returns>The result. Anything but <see cref="InflateStatus.Ok"/> ends the connection.</returns>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public InflateStatus Inflate(ReadOnlySpan<byte> part, bool endOfMessage, long maxMessageBytes, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Inflate(part, endOfMessage, maxMessageBytes, ref output);
    }

    /// <inheritdoc cref="Inflate(ReadOnlySpan{byte}, bool, long, IBufferWriter{byte})"/>
    /// <typeparam name="TWriter">The writer's type, which may be a structure on the stack.</typeparam>
    public InflateStatus Inflate<TWriter>(ReadOnlySpan<byte> part, bool endOfMessage, long maxMessageBytes, ref TWriter output)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        MessageInflater inflater = _inflater ??= _receiveTakeover
            ? new MessageInflater(_receiveWindowBits, contextTakeover: true)
            : _pool.RentInflater(_receiveWindowBits);
        InflateStatus status = inflater.Inflate(part, endOfMessage, maxMessageBytes, ref output);
        if (endOfMessage && !_receiveTakeover && status == InflateStatus.Ok && Interlocked.Exchange(ref _inflater, null) is { } mine)
        {
            _pool.Return(mine);
        }

        return status;
    }

    /// <summary>
    /// Frees the streams that the connection holds. Streams in the middle of a message are freed, not pooled: another thread might still be
    /// in them.
    /// </summary>
    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _deflater, null)?.Dispose();
        Interlocked.Exchange(ref _inflater, null)?.Dispose();
        _sendLease?.Dispose();
        _receiveLease?.Dispose();
    }

    private static bool TryRoundTrip()
    {
        try
        {
            using var deflater = new MessageDeflater(new CompressorSettings(9, 1, 1), contextTakeover: false);
            using var inflater = new MessageInflater(9, contextTakeover: false);
            var compressed = new ArrayBufferWriter<byte>();
            var inflated = new ArrayBufferWriter<byte>();
            deflater.Deflate("longwire longwire"u8, compressed);
            return inflater.Inflate(compressed.WrittenSpan, endOfMessage: true, 64, inflated) == InflateStatus.Ok
                && inflated.WrittenSpan.SequenceEqual("longwire longwire"u8);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private MessageDeflater GetDeflater()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!CanDeflate)
        {
            throw new InvalidOperationException("The agreed window is smaller than any that can be compressed with.");
        }

        if (_deflater is not { } deflater)
        {
            deflater = _sendTakeover ? new MessageDeflater(Settings, contextTakeover: true) : _pool.RentDeflater(Settings);
            _deflater = deflater;
        }
        else if (_contextIsStale && !deflater.InsideMessage)
        {
            deflater.Reset();
        }

        _contextIsStale = false;
        return deflater;
    }
}
