namespace Longwire;

/// <summary>
/// A message that is read as it comes. Of a text message what was read is valid UTF-8, except that its last character may be cut where
/// a read ends. For one reader at a time; only asynchronous. Disposing of it does nothing: what is left is skipped when the connection is
/// read on.
/// </summary>
public sealed class WebSocketReadStream : Stream
{
    private readonly WebSocketConnection _connection;
    private readonly MessageInbox _inbox;
    private ReadOnlyMemory<byte> _part;
    private bool _ended;
    private int _returns;

    internal WebSocketReadStream(WebSocketConnection connection, MessageInbox inbox, in WebSocketMessage first, bool ended)
    {
        _connection = connection;
        _inbox = inbox;
        _part = first.Payload;
        _ended = ended;
        _returns = inbox.Returns;
        Type = first.Type;
    }

    /// <summary>The message's type.</summary>
    public MessageType Type { get; }

    /// <summary>Whether all of the message has been read.</summary>
    internal bool IsAtEnd => _ended && _part.IsEmpty;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>Not known.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what has come, or waits for it.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="cancellationToken">Ends the wait and nothing else: the next read goes on where this one would have.</param>
    /// <returns>Bytes read; 0 when the message has ended.</returns>
    /// <exception cref="WebSocketClosedException">The connection closed before the message was whole.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection was read on since, or another read waits.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_returns != _inbox.Returns)
        {
            throw new InvalidOperationException("The connection was read on: this message is over.");
        }

        while (_part.IsEmpty && !_ended)
        {
            try
            {
                (WebSocketMessage part, _ended) = await InboxReader
                    .ReadPartAsync(_connection, _inbox, cancellationToken)
                    .ConfigureAwait(false);
                _part = part.Payload;
            }
            finally
            {
                _returns = _inbox.Returns;
            }
        }

        int length = Math.Min(buffer.Length, _part.Length);
        _part.Span[..length].CopyTo(buffer.Span);
        _part = _part[length..];
        return length;
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    /// <param name="buffer">Where to.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="count">How many bytes at the most.</param>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: a connection never blocks a thread.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read a message by ReadAsync.");

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Does nothing.</summary>
    public override void Flush() { }

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();
}
