using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>
/// Looks at the first bytes of a server's answer, so that one that is no HTTP, or none at all, fails at once and under its own name: the
/// platform's stack waits for a line's end, and asks a server that leaves without an answer three times more.
/// </summary>
/// <remarks>
/// A read ends with a head's blank line, so that the stack has read nothing behind the 101 and <see cref="TakeOver"/> can have the stream:
/// the stack's own stream of an upgraded connection lets nothing be written any more once it has read the end.
/// </remarks>
internal sealed class FirstAnswer(Stream stream, string server, bool isTls) : Stream
{
    private readonly byte[] _first = new byte[HttpResponseHead.BeginningLength];
    private int _seen;
    private ReadOnlyMemory<byte> _held; // what was read and comes behind the blank line
    private bool _isLineEmpty;
    private bool _isTaken;

    /// <summary>The fault of the answer; null for none so far.</summary>
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

    /// <summary>The stack has read the head of its answer. The bytes behind it are read from this stream alone.</summary>
    public Stream TakeOver()
    {
        _isTaken = true;
        return this;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        !_held.IsEmpty ? ValueTask.FromResult(ReadHeld(buffer.Span))
        : _isTaken || buffer.IsEmpty ? stream.ReadAsync(buffer, cancellationToken)
        : ReadHeadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        !_held.IsEmpty ? ReadHeld(buffer.AsSpan(offset, count))
        : _isTaken ? stream.Read(buffer, offset, count)
        : Hold(Look(buffer.AsSpan(offset, stream.Read(buffer, offset, count))));

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

    private async ValueTask<int> ReadHeadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Hold(Look(buffer.Span[..length]));
    }

    private int ReadHeld(Span<byte> buffer)
    {
        ReadOnlySpan<byte> held = _held.Span;
        int length = Math.Min(held.Length, buffer.Length);
        length = _isTaken ? length : EndOfHead(held[..length]);
        held[..length].CopyTo(buffer);
        _held = _held[length..];
        return length;
    }

    private int Hold(ReadOnlySpan<byte> received)
    {
        int length = EndOfHead(received);
        _held = length == received.Length ? default : received[length..].ToArray();
        return length;
    }

    // The end of the first empty line, or of all. Lines may end with a line feed alone: the stack takes that, too.
    private int EndOfHead(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bool ends = bytes[i] == '\n' && _isLineEmpty;
            _isLineEmpty = bytes[i] == '\n' || (bytes[i] == '\r' && _isLineEmpty);
            if (ends)
            {
                return i + 1;
            }
        }

        return bytes.Length;
    }

    private ReadOnlySpan<byte> Look(ReadOnlySpan<byte> received)
    {
        if (_seen == _first.Length)
        {
            return received;
        }

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

        return received;
    }

    private HttpIOException Fail(HttpRequestError error, string fault)
    {
        Fault = fault;
        return new HttpIOException(error, fault);
    }
}
