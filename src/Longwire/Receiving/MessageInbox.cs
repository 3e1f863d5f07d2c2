using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Longwire;

/// <summary>
/// Messages between a connection that receives and an application that reads. One writer, one reader at a time. When it
/// holds more bytes than its limit, the connection pauses until the reader has taken half of them.
/// </summary>
internal sealed class MessageInbox : IValueTaskSource<bool>
{
    // About the cost of a message beside its payload: without it, a peer's empty messages would be free and their number unbounded.
    private const int MessageCost = 64;

    private readonly int _limit;
    private readonly Queue<Entry> _entries = new();
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private byte[]? _lent; // the memory of the message that the reader has
    private int _returns;
    private bool _insideMessage; // whether what was taken last was a part that another follows
    private long _bytes;
    private long _discarded; // bytes of answers that reached nobody, since the last read
    private bool _waiting;
    private bool _completed;
    private bool _paused;

    public MessageInbox(int limit) => _limit = limit;

    public bool IsPaused
    {
        get
        {
            lock (_entries)
            {
                return _paused;
            }
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_entries)
            {
                return _bytes >= _limit;
            }
        }
    }

    /// <summary>Whether the reader has messages left to read, or one that it has not finished with.</summary>
    public bool IsReaderBehind
    {
        get
        {
            lock (_entries)
            {
                return _entries.Count != 0 || _lent is not null;
            }
        }
    }

    public bool IsInsideMessage
    {
        get
        {
            lock (_entries)
            {
                return _insideMessage;
            }
        }
    }

    /// <summary>Changes whenever lent memory is taken back.</summary>
    public int Returns
    {
        get
        {
            lock (_entries)
            {
                return _returns;
            }
        }
    }

    /// <summary>Adds a message, or a part of one, in memory of the shared pool.</summary>
    /// <returns>False when the inbox is now over its limit: the connection pauses.</returns>
    public bool Add(MessageType type, byte[] buffer, int length, bool endOfMessage = true)
    {
        bool wake;
        bool room;
        lock (_entries)
        {
            if (_completed)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                return true;
            }

            _entries.Enqueue(new Entry(type, endOfMessage, buffer, length));
            _bytes += length + MessageCost;
            room = _bytes < _limit;
            _paused = !room;
            wake = _waiting;
            _waiting = false;
        }

        if (wake)
        {
            _source.SetResult(true);
        }

        return room;
    }

    /// <summary>Says that no message follows.</summary>
    /// <returns>Whether the reader still has, or will still get, a message that came before.</returns>
    public bool Complete()
    {
        bool wake;
        bool unread;
        lock (_entries)
        {
            _completed = true;
            _paused = false;
            unread = _entries.Count != 0 || _lent is not null;
            wake = _waiting;
            _waiting = false;
        }

        if (wake)
        {
            _source.SetResult(false);
        }

        return unread;
    }

    /// <summary>Ends a pause whatever is in the inbox.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Unpause()
    {
        lock (_entries)
        {
            bool paused = _paused;
            _paused = false;
            return paused;
        }
    }

    /// <summary>
    /// Whether an answer that can reach nobody is dropped without a word, so that the reader reads on: while it has messages left, and up
    /// to
    /// a limit for each of them.
    /// </summary>
    public bool TryDiscardAnswer(int bytes, int limit)
    {
        lock (_entries)
        {
            if ((_entries.Count == 0 && _lent is null) || _discarded > limit)
            {
                return false;
            }

            _discarded += bytes + MessageCost;
            return true;
        }
    }

    /// <summary>Takes the next message, or part of one. The memory of the one before goes back to the pool.</summary>
    /// <param name="message">The message or part.</param>
    /// <param name="endOfMessage">Whether it is a whole message or the last part of one.</param>
    /// <param name="resume">Whether the connection must receive again.</param>
    public bool TryRead(out WebSocketMessage message, out bool endOfMessage, out bool resume)
    {
        lock (_entries)
        {
            resume = false;
            _discarded = 0;
            ReturnLent();
            if (!_entries.TryDequeue(out Entry entry))
            {
                message = default;
                endOfMessage = false;
                return false;
            }

            _bytes -= entry.Length + MessageCost;
            _lent = entry.Buffer;
            endOfMessage = entry.EndOfMessage;
            _insideMessage = !endOfMessage;
            message = new WebSocketMessage(entry.Type, entry.Buffer.AsMemory(0, entry.Length));
            if (_paused && _bytes <= _limit / 2)
            {
                _paused = false;
                resume = true;
            }

            return true;
        }
    }

    /// <summary>Waits for a message.</summary>
    /// <returns>False when none will come.</returns>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        short version;
        lock (_entries)
        {
            // The end is no wait: a token that the end itself cancels must not hide what is left.
            if (!_completed && cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<bool>(cancellationToken);
            }

            if (_waiting)
            {
                throw new InvalidOperationException("Only one read of a connection may wait at a time.");
            }

            if (_entries.Count != 0 || _completed)
            {
                return ValueTask.FromResult(_entries.Count != 0);
            }

            ReturnLent();
            _source.Reset();
            _waiting = true;
            version = _source.Version;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellationToken = cancellationToken;
            _registration = cancellationToken.UnsafeRegister(static inbox => ((MessageInbox)inbox!).Cancel(), this);
        }

        return new ValueTask<bool>(this, version);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        CancellationTokenRegistration registration = _registration;
        _registration = default;
        registration.Dispose();
        _cancellationToken = default;
        return _source.GetResult(token);
    }

    // Only the wait ends; a message that comes later waits for the next read.
    private void Cancel()
    {
        lock (_entries)
        {
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _source.SetException(new OperationCanceledException(_cancellationToken));
    }

    private void ReturnLent()
    {
        if (_lent is not null)
        {
            ArrayPool<byte>.Shared.Return(_lent);
            _lent = null;
            _returns++;
        }
    }

    private readonly record struct Entry(MessageType Type, bool EndOfMessage, byte[] Buffer, int Length);
}
