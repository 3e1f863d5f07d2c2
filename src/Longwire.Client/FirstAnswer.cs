using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>
/// Looks at the first bytes of a server's answer, so that one that is no HTTP, or none at all, fails at once and under its own name: the
/// platform's stack waits for a line's end, and asks a server that leaves without an answer three times more. Behind these bytes
/// everything passes untouched.
/// </summary>
internal sealed class FirstAnswer(Stream stream, string server, bool isTls) : Stream
{
    private readonly byte[] _first = new byte[HttpResponseHead.BeginningLength];
    private int _seen;

    /// <summary>What is wrong with the answer; null for nothing so far.</summary>
    public string? Fault { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _seen == _first.Length || buffer.IsEmpty ? stream.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Look(buffer.AsSpan(offset, stream.Read(buffer, offset, count)));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        stream.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        stream.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public override void Flush() => stream.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Look(buffer.Span[..length]);
    }

    private int Look(ReadOnlySpan<byte> received)
    {
        if (received.IsEmpty && _seen == 0)
        {
            throw Fail(HttpRequestError.ResponseEnded, HandshakeFailureText.Ended(server, isTls));
        }

        ReadOnlySpan<byte> first = received[..Math.Min(received.Length, _first.Length - _seen)];
        first.CopyTo(_first.AsSpan(_seen));
        _seen += first.Length;
        ReadOnlySpan<byte> seen = _first.AsSpan(0, _seen);
        if (!HttpResponseHead.MayBegin(seen))
        {
            throw Fail(
                HttpRequestError.InvalidResponse,
                HttpResponseHead.BeginsAsTls(seen) ? HandshakeFailureText.SpeaksTls(server) : HandshakeFailureText.NotHttp(server)
            );
        }

        return received.Length;
    }

    private HttpIOException Fail(HttpRequestError error, string fault)
    {
        Fault = fault;
        return new HttpIOException(error, fault);
    }
}
