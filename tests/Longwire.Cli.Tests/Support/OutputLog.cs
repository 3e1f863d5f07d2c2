using System.Text;

namespace Longwire.Cli.Tests;

/// <summary>The output of a command so far, from any thread, to be waited for.</summary>
internal sealed class OutputLog : Stream
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _bytes = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public string Text
    {
        get
        {
            lock (_lock)
            {
                return Encoding.UTF8.GetString(_bytes.GetBuffer(), 0, (int)_bytes.Length);
            }
        }
    }

    /// <summary>A writer that hides nothing in a buffer of its own.</summary>
    public TextWriter CreateWriter() => new StreamWriter(this, new UTF8Encoding(false)) { AutoFlush = true };

    public async Task<string> WaitForAsync(string text)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            Task more;
            lock (_lock)
            {
                more = _more.Task;
            }

            string all = Text;
            if (all.Contains(text, StringComparison.Ordinal))
            {
                return all;
            }

            TimeSpan left = Patience.Long - TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
            Assert.True(
                left > TimeSpan.Zero && await Task.WhenAny(more, Task.Delay(left)) == more,
                $"Waited in vain for '{text}' in:\n{all}"
            );
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            _bytes.Write(buffer);
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
