using System.Buffers;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>
/// The other end of an opened connection: sends it any octets, collects what it does, and notes where it breaks the rules by itself.
/// One task reads; scripts send and wait.
/// </summary>
internal sealed partial class Peer : IAsyncDisposable
{
    // A peer that has closed need not read what we still send: a write that waits for it would wait for ever.
    private static readonly TimeSpan _lateWrites = TimeSpan.FromSeconds(1);

    // Far more than any case makes a right peer send.
    private const int MaxEvents = 1_000_000;

    private readonly Stream _stream;
    private readonly bool _suiteIsClient;
    private readonly FrameDecoder _decoder = new();
    private readonly Lock _lock = new();
    private readonly List<PeerEvent> _events = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _writeEnd = new();
    private readonly TaskCompletionSource _readGate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MessageCollector _collector;
    private readonly DeflateEncoder? _deflater;
    private Task _reading = Task.CompletedTask;
    private Task _gate = Task.CompletedTask;
    private int _frames;
    private volatile int _octetsPerSecond;
    private Side _firstCloser;
    private SuiteEnding _suiteEnding;

    public Peer(
        Stream stream,
        bool suiteIsClient,
        DeflateAgreement? deflate,
        ReadOnlySpan<byte> alreadyRead,
        WireLog log,
        int deflateLevel = 6,
        bool closeSent = false
    )
    {
        _stream = stream;
        _suiteIsClient = suiteIsClient;
        _decoder.Append(alreadyRead);
        Log = log;
        Deflate = deflate;
        _collector = new(suiteIsClient, deflate);
        if (closeSent)
        {
            NoteCloseSent();
        }

        if (deflate is not null)
        {
            _deflater = new(deflate.SuiteWindowBits, deflate.SuiteNoContextTakeover, deflateLevel);
        }
    }

    [Flags]
    private enum SuiteEnding
    {
        None,
        Output,
        Dropped,
    }

    private enum Side
    {
        None,
        Suite,
        Peer,
    }

    public WireLog Log { get; }

    public DeflateAgreement? Deflate { get; }

    public Pulse Pulse { get; } = new();

    /// <summary>Called with each message as it arrives instead of keeping it, for the cases with a thousand of them.</summary>
    public Action<PeerEvent>? OnMessage { get; set; }

    /// <summary>
    /// Payload is thrown away and only counted: a message is seen as an empty one. See <see cref="ReceivedPayloadBytes"/>.
    /// </summary>
    public bool DiscardMessages
    {
        get => _collector.Discard;
        set => _collector.Discard = value;
    }

    public long ReceivedPayloadBytes { get; private set; }

    public bool CloseSent { get; private set; }

    public bool CloseReceived { get; private set; }

    /// <summary>The peer's Close frame has come, and is answered if it is to be.</summary>
    public bool CloseHandled { get; private set; }

    /// <summary>The suite's Close frame was the first.</summary>
    public bool ClosedBySuite => _firstCloser == Side.Suite;

    public int? CloseCode { get; private set; }

    public byte[] CloseReason { get; private set; } = [];

    /// <summary>How the peer has ended TCP, or the stream.</summary>
    public PeerEnding Ending { get; private set; }

    /// <summary>The suite had to end TCP.</summary>
    public bool DroppedBySuite => _suiteEnding.HasFlag(SuiteEnding.Dropped);

    /// <summary>The suite has ended its half of TCP, or of the stream.</summary>
    public bool OutputEnded => _suiteEnding.HasFlag(SuiteEnding.Output);

    /// <summary>A rule that the peer broke by itself, or null.</summary>
    public string? Violation { get; private set; }

    public bool HasEnded => Ending != PeerEnding.None;

    public bool IsOpen => !CloseReceived && !HasEnded;

    public bool IsClean => CloseSent && CloseReceived;

    /// <summary>The answers that the suite leaves out on purpose.</summary>
    public SuiteHabits Habits { get; set; }

    public IReadOnlyList<PeerEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public int EventCount
    {
        get
        {
            lock (_lock)
            {
                return _events.Count;
            }
        }
    }

    /// <summary>Starts to read.</summary>
    public void Start() => _reading = Task.Run(ReadAsync);

    /// <summary>
    /// Stops reading until <see cref="ResumeReading"/>: the peer's sends come to a halt when the kernel's buffers are full.
    /// </summary>
    public void PauseReading() => _gate = _readGate.Task;

    public void ResumeReading()
    {
        _gate = Task.CompletedTask;
        _readGate.TrySetResult();
    }

    public void AddPause(string name)
    {
        lock (_lock)
        {
            _events.Add(PeerEvent.Pause(name));
        }

        Log.Note($"pause {name} is over");
    }

    public Task SendAsync(params WireFrame[] frames) => SendAsync(frames, Chops.Whole);

    /// <summary>Sends frames, cut as asked. A peer that has gone is no fault here: what it did before is judged.</summary>
    public async Task SendAsync(IReadOnlyList<WireFrame> frames, Chops chops)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        const int Batch = 64 * 1024;
        foreach (WireFrame frame in frames)
        {
            if (frame.Opcode == WireFrame.Close && frame.Fin)
            {
                NoteCloseSent();
            }

            Log.Sent(frame);
            FrameEncoder.Write(buffer, frame, maskByDefault: _suiteIsClient);
            if (chops.PerFrame || (chops.Size == 0 && buffer.WrittenCount >= Batch))
            {
                if (!await WriteAsync(buffer.WrittenMemory))
                {
                    return;
                }

                buffer.ResetWrittenCount();
            }
        }

        await WriteChoppedAsync(buffer.WrittenMemory, chops.Size);
    }

    /// <summary>Sends octets as they are.</summary>
    public async Task SendOctetsAsync(ReadOnlyMemory<byte> octets, string what, int chopSize = 0)
    {
        Log.SentOctets(octets.Span, what);
        await WriteChoppedAsync(octets, chopSize);
    }

    /// <summary>Sends a message, compressed when that was agreed, in fragments of a size; 0: whole.</summary>
    public Task SendMessageAsync(byte opcode, byte[] message, int fragmentSize = 0)
    {
        ReadOnlyMemory<byte> payload = message;
        byte rsv = 0;
        if (_deflater is not null)
        {
            payload = _deflater.Compress(message);
            rsv = 4;
        }

        return SendAsync(WireFrame.Fragments(opcode, payload, fragmentSize == 0 ? int.MaxValue : fragmentSize, rsv), Chops.Whole);
    }

    /// <summary>The octets of frames without sending them.</summary>
    public byte[] Encode(params WireFrame[] frames)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        foreach (WireFrame frame in frames)
        {
            FrameEncoder.Write(buffer, frame, maskByDefault: _suiteIsClient);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public Task CloseAsync(int code) => SendAsync(WireFrame.OfClose(code));

    /// <summary>Says that nothing more will be sent, and still reads what comes.</summary>
    public async Task EndOutputAsync()
    {
        Log.Note("the suite ends its output");
        _suiteEnding |= SuiteEnding.Output;
        try
        {
            await StreamEnds.EndOutputAsync(_stream, _writeEnd.Token);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            // The peer was faster.
        }
    }

    /// <summary>Sends frames and ends the output in one go: in the last frame's segment, where the system lets it.</summary>
    public async Task SendAndEndAsync(IReadOnlyList<WireFrame> frames)
    {
        foreach (WireFrame frame in frames)
        {
            Log.Sent(frame);
        }

        Log.Note("with these the suite ends its output");
        _suiteEnding |= SuiteEnding.Output;
        if (frames.Any(f => f is { Opcode: WireFrame.Close, Fin: true }))
        {
            NoteCloseSent();
        }

        byte[] octets = Encode([.. frames]);
        await _writing.WaitAsync();
        try
        {
            await StreamEnds.WriteAndEndAsync(_stream, octets, _writeEnd.Token);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            // The peer's actions before it went are judged.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends both directions at once, whatever is under way.</summary>
    public async Task ResetAsync()
    {
        Log.Note("the suite resets the connection");
        _suiteEnding |= SuiteEnding.Dropped;
        await _end.CancelAsync();
        try
        {
            await StreamEnds.ResetAsync(_stream, CancellationToken.None);
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            // The peer was faster.
        }

        await EndAsync();
    }

    /// <summary>From now on reads so many octets a second, and lets the peer send little ahead of that.</summary>
    public void ReadSlowly(int octetsPerSecond)
    {
        StreamEnds.Narrow(_stream);
        _octetsPerSecond = octetsPerSecond;
    }

    /// <summary>Ends TCP from our side, if the peer has not.</summary>
    public async Task DropAsync()
    {
        if (!HasEnded)
        {
            _suiteEnding |= SuiteEnding.Dropped;
            Log.Note("the suite ends TCP");
        }

        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _deflater?.Dispose();
        _end.Dispose();
        _writeEnd.Dispose();
    }

    private async Task EndAsync()
    {
        await _end.CancelAsync();
        await _writeEnd.CancelAsync();
        await _stream.DisposeAsync();
        ResumeReading();
        await _reading;
    }

    private async Task WriteChoppedAsync(ReadOnlyMemory<byte> octets, int size)
    {
        if (size == 0)
        {
            size = int.MaxValue;
        }

        while (!octets.IsEmpty)
        {
            int length = Math.Min(size, octets.Length);
            if (!await WriteAsync(octets[..length]))
            {
                return;
            }

            octets = octets[length..];
        }
    }

    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> octets)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(octets, _writeEnd.Token);
            await _stream.FlushAsync(_writeEnd.Token);
            return true;
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    private void NoteCloseSent()
    {
        _ = Interlocked.CompareExchange(ref _firstCloser, Side.Suite, Side.None);
        CloseSent = true;
    }

    private static bool IsConnectionLoss(Exception exception) =>
        exception is IOException or ObjectDisposedException or OperationCanceledException or SocketException or InvalidOperationException;
}
