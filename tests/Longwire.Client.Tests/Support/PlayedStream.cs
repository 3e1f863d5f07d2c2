using System.Text;

namespace Longwire.Client.Tests;

/// <summary>A stream whose other end is a test: what it reads is handed to it, and costs nothing while it is read.</summary>
internal sealed class PlayedStream : Stream
{
    private readonly Lock _gate = new();
    private byte[] _waiting = [];
    private int _taken;
    private TaskCompletionSource? _more;
    private TaskCompletionSource? _handled;
    private bool _isOver;

    /// <summary>Whether tokens have no effect, as with a socket whose event loop is behind with its work.</summary>
    public bool IgnoresTokens { get; init; }

    /// <summary>Is called with what is written.</summary>
    public Action<ReadOnlyMemory<byte>>? OnWrite { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A server's text message in a frame.</summary>
    public static byte[] Frame(string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        return
        [
            0x81,
            .. payload.Length < 126 ? [(byte)payload.Length] : new byte[] { 126, (byte)(payload.Length >> 8), (byte)payload.Length },
            .. payload,
        ];
    }

    /// <summary>Hands over what is to be read next, when all before it was.</summary>
    public void Play(byte[] bytes)
    {
        lock (_gate)
        {
            Assert.Equal(_waiting.Length, _taken);
            _waiting = bytes;
            _taken = 0;
            _more?.SetResult();
            _more = null;
        }
    }

    /// <summary>Hands over what is to be read next, and waits until the reader has dealt with it and wants more.</summary>
    public Task PlayAsync(byte[] bytes)
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            Play(bytes);
            _handled = handled;
        }

        return handled.Task;
    }

    /// <summary>Nothing more is to be read.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            _more?.SetResult();
            _more = null;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_taken < _waiting.Length)
                {
                    // A read into nothing waits for something to come.
                    int length = Math.Min(buffer.Length, _waiting.Length - _taken);
                    _waiting.AsSpan(_taken, length).CopyTo(buffer.Span);
                    _taken += length;
                    return length;
                }

                if (_isOver)
                {
                    return 0;
                }

                _waiting = [];
                _taken = 0;
                _handled?.SetResult();
                _handled = null;
                more = (_more ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more.WaitAsync(IgnoresTokens ? default : cancellationToken);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        OnWrite?.Invoke(buffer);
        return ValueTask.CompletedTask;
    }

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
