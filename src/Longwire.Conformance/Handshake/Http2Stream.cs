using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace Longwire.Conformance;

/// <summary>
/// One WebSocket's stream on an HTTP/2 connection of its own, spoken by hand: the platform's client can't end or reset a stream in the ways
/// that the cases about ends need. It knows no more of RFC 9113 than that takes.
/// </summary>
internal sealed class Http2Stream : Stream
{
    private const int StreamId = 1;
    private const int HeaderBytes = 9;
    private const int MaxDataBytes = 16 * 1024;
    private const int DefaultWindowBytes = 65_535;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private const byte Acknowledged = 1;

    private readonly Stream _connection;
    private readonly Pipe _data = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Stream _input;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Pulse _pulse = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<int> _status = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _extendedConnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _pumping = Task.CompletedTask;
    private int _initialWindow = DefaultWindowBytes;
    private long _connectionWindow = DefaultWindowBytes;
    private long _streamWindow = DefaultWindowBytes;
    private bool _outputEnded;
    private volatile bool _over;

    private Http2Stream(Stream connection)
    {
        _connection = connection;
        _input = _data.Reader.AsStream();
    }

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        ResetStream = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Asks for a WebSocket by an extended CONNECT (RFC 8441 §4).</summary>
    /// <returns>The status of the answer, and the stream when that is 200.</returns>
    public static async Task<(int Status, Http2Stream? Stream)> OpenAsync(
        Stream connection,
        Uri uri,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        Http2Stream stream = new(connection);
        try
        {
            int status = await stream.AskAsync(uri, headers, cancellationToken).WaitAsync(patience, cancellationToken);
            if (status == 200)
            {
                return (status, stream);
            }

            await stream.DisposeAsync();
            return (status, null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the output with an empty frame that has END_STREAM.</summary>
    public Task EndOutputAsync(CancellationToken cancellationToken) => WriteAsync(default, endsOutput: true, cancellationToken);

    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        const int Cancel = 8;
        byte[] code = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(code, Cancel);
        _outputEnded = true;
        await WriteFrameAsync(FrameType.ResetStream, 0, StreamId, code, cancellationToken);
    }

    /// <summary>Writes as much as the windows allow, and waits for the rest of the room.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> octets, bool endsOutput, CancellationToken cancellationToken)
    {
        do
        {
            if (_outputEnded || _over)
            {
                throw new IOException("The stream has ended.");
            }

            int length = octets.IsEmpty ? 0 : await TakeRoomAsync(Math.Min(octets.Length, MaxDataBytes), cancellationToken);
            bool last = endsOutput && length == octets.Length;
            _outputEnded = last;
            await WriteFrameAsync(FrameType.Data, last ? EndStream : (byte)0, StreamId, octets[..length], cancellationToken);
            octets = octets[length..];
        } while (!octets.IsEmpty);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await _input.ReadAsync(buffer, cancellationToken);
        if (count > 0 && !_over)
        {
            byte[] increment = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(increment, count);
            await WriteFrameAsync(FrameType.WindowUpdate, 0, 0, increment, cancellationToken);
            await WriteFrameAsync(FrameType.WindowUpdate, 0, StreamId, increment, cancellationToken);
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(WriteAsync(buffer, endsOutput: false, cancellationToken));

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _connection.DisposeAsync();
        await _pumping;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _end.Cancel();
            _connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<int> AskAsync(Uri uri, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        await _connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), cancellationToken);
        await WriteFrameAsync(FrameType.Settings, 0, 0, default, cancellationToken);
        _pumping = Task.Run(PumpAsync, cancellationToken);
        if (!await _extendedConnect.Task.WaitAsync(cancellationToken))
        {
            throw new IOException("The server's settings don't have SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3).");
        }

        ArrayBufferWriter<byte> block = new();
        Write(block, ":method", "CONNECT");
        Write(block, ":protocol", "websocket");
        Write(block, ":scheme", uri.Scheme is "wss" or "https" ? "https" : "http");
        Write(block, ":authority", uri.Authority);
        Write(block, ":path", uri.PathAndQuery);
        foreach ((string name, string value) in headers)
        {
            Write(block, name.ToLowerInvariant(), value);
        }

        await WriteFrameAsync(FrameType.Headers, EndHeaders, StreamId, block.WrittenMemory, cancellationToken);
        return await _status.Task.WaitAsync(cancellationToken);
    }

    // RFC 7541 §6.2.2: a literal that isn't indexed, with a new name, and neither of them compressed.
    private static void Write(ArrayBufferWriter<byte> block, string name, string value)
    {
        block.Write([(byte)0]);
        foreach (string text in (string[])[name, value])
        {
            const int Prefix = 0x7F;
            int length = Encoding.Latin1.GetByteCount(text);
            if (length < Prefix)
            {
                block.Write([(byte)length]);
            }
            else
            {
                block.Write([(byte)Prefix]);
                for (length -= Prefix; length >= 0x80; length >>= 7)
                {
                    block.Write([(byte)(0x80 | (length & 0x7F))]);
                }

                block.Write([(byte)length]);
            }

            block.Write(Encoding.Latin1.GetBytes(text));
        }
    }

    private async Task<int> TakeRoomAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_pulse)
            {
                int room = (int)Math.Min(wanted, Math.Min(_connectionWindow, _streamWindow));
                if (room > 0)
                {
                    _connectionWindow -= room;
                    _streamWindow -= room;
                    return room;
                }
            }

            await _pulse.WaitAsync(HasRoom, Timeout.InfiniteTimeSpan, cancellationToken);
            if (_over)
            {
                throw new IOException("The stream has ended.");
            }
        }

        bool HasRoom()
        {
            lock (_pulse)
            {
                return _over || (_connectionWindow > 0 && _streamWindow > 0);
            }
        }
    }

    private async Task WriteFrameAsync(
        FrameType type,
        byte flags,
        int streamId,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        byte[] frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | (byte)type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame.AsMemory(HeaderBytes));
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _connection.WriteAsync(frame, cancellationToken);
            await _connection.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task PumpAsync()
    {
        Exception? error = null;
        try
        {
            byte[] header = new byte[HeaderBytes];
            while (true)
            {
                await _connection.ReadExactlyAsync(header, _end.Token);
                byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >>> 8];
                await _connection.ReadExactlyAsync(payload, _end.Token);
                bool own = (BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue) == StreamId;
                if (await TakeAsync((FrameType)header[3], header[4], own, payload))
                {
                    break;
                }
            }
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            error = new IOException("The HTTP/2 connection or its stream was reset.", exception);
        }

        _over = true;
        await _data.Writer.CompleteAsync(error);
        _status.TrySetException(error ?? new IOException("The stream ended without an answer."));
        _extendedConnect.TrySetException(error ?? new IOException("The connection ended without settings."));
        _ = (_status.Task.Exception, _extendedConnect.Task.Exception);
        _pulse.Beat();
    }

    /// <returns>Whether the peer has ended the stream.</returns>
    private async Task<bool> TakeAsync(FrameType type, byte flags, bool own, byte[] payload)
    {
        switch (type)
        {
            case FrameType.Settings when (flags & Acknowledged) == 0:
                TakeSettings(payload);
                await WriteFrameAsync(FrameType.Settings, Acknowledged, 0, default, _end.Token);
                return false;
            case FrameType.Ping when (flags & Acknowledged) == 0:
                await WriteFrameAsync(FrameType.Ping, Acknowledged, 0, payload, _end.Token);
                return false;
            case FrameType.WindowUpdate:
                lock (_pulse)
                {
                    int increment = BinaryPrimitives.ReadInt32BigEndian(payload);
                    _connectionWindow += own ? 0 : increment;
                    _streamWindow += own ? increment : 0;
                }

                _pulse.Beat();
                return false;
            case FrameType.Headers when own:
                _status.TrySetResult(StatusIn(payload));
                return (flags & EndStream) != 0;
            case FrameType.Data when own:
                await _data.Writer.WriteAsync(payload, _end.Token);
                return (flags & EndStream) != 0;
            case FrameType.ResetStream when own:
                throw new IOException($"The server reset the stream with {BinaryPrimitives.ReadInt32BigEndian(payload)}.");
            default:
                return false;
        }
    }

    private void TakeSettings(byte[] payload)
    {
        const int InitialWindowSize = 4;
        const int EnableConnectProtocol = 8;
        bool extendedConnect = false;
        lock (_pulse)
        {
            for (int at = 0; at + 6 <= payload.Length; at += 6)
            {
                int name = BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at));
                int value = BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(at + 2));
                extendedConnect |= name == EnableConnectProtocol && value == 1;
                if (name == InitialWindowSize)
                {
                    _streamWindow += value - _initialWindow;
                    _initialWindow = value;
                }
            }
        }

        _extendedConnect.TrySetResult(extendedConnect);
        _pulse.Beat();
    }

    // The status comes first, and servers send 200 by its place in the static table (RFC 7541, appendix A). All else is no 200.
    private static int StatusIn(ReadOnlySpan<byte> block)
    {
        const byte Status200 = 0x88;
        while (!block.IsEmpty && (block[0] & 0xE0) == 0x20)
        {
            block = block[1..]; // a new size of the dynamic table, which this side keeps empty
        }

        return !block.IsEmpty && block[0] == Status200 ? 200 : 0;
    }
}
