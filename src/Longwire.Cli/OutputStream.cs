namespace Longwire.Cli;

/// <summary>Standard output, whose failures are told apart from all other failures of input and output.</summary>
internal sealed class OutputStream(Stream? inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (inner is null)
        {
            throw new OutputException("it is closed.");
        }

        try
        {
            inner.Write(buffer);
        }
        catch (IOException exception) when (exception is not OutputException)
        {
            throw new OutputException(exception);
        }
    }

    public override void Flush()
    {
        try
        {
            inner?.Flush();
        }
        catch (IOException exception) when (exception is not OutputException)
        {
            throw new OutputException(exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
