using System.Buffers.Binary;
using System.Security.Cryptography;
using Longwire.Protocol;

namespace Longwire.Cli.Network;

/// <summary>The stream of a connection, read along by a <see cref="WireTap"/>.</summary>
internal sealed class TapStream : Stream
{
    private readonly Stream _inner;
    private readonly WireReader _sent;
    private readonly WireReader _received;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Queue<byte[]> _waiting = new();

    public TapStream(Stream inner, WireTap tap)
    {
        _inner = inner;
        _sent = new WireReader(WireDirection.Sent, tap);
        _received = new WireReader(WireDirection.Received, tap);
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

    /// <summary>Sends a control frame as soon as no other frame is on its way.</summary>
    public async Task SendControlAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        uint key = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));
        var header = new FrameHeader(opcode, payload.Length, key);
        byte[] frame = new byte[header.Length + payload.Length];
        header.Write(frame);
        Masking.Apply(payload.Span, frame.AsSpan(header.Length), key);
        await _writing.WaitAsync();
        try
        {
            _waiting.Enqueue(frame);
            await SendWaitingAsync(CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Told before the answer to it can be.
            _sent.Read(buffer.Span);
            await _inner.WriteAsync(buffer, cancellationToken);
            await SendWaitingAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await _inner.ReadAsync(buffer, cancellationToken);
        _received.Read(buffer.Span[..read]);
        return read;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() => _inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task SendWaitingAsync(CancellationToken cancellationToken)
    {
        while (_sent.IsBetweenFrames && _waiting.TryDequeue(out byte[]? frame))
        {
            _sent.Read(frame);
            await _inner.WriteAsync(frame, cancellationToken);
        }
    }
}
