using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Longwire.Protocol;

namespace Longwire;

// Sending: what the application calls, from any thread.
public sealed partial class WebSocketConnection
{
    /// <summary>Bytes of messages that wait because the peer reads too slowly, or because a flush is under way.</summary>
    public long PendingSendBytes
    {
        get
        {
            using (EnterSendLock())
            {
                return Sending.WaitingBytes;
            }
        }
    }

    /// <summary>Sends a message, or says at once that it can't. Never waits; thread safe.</summary>
    /// <param name="payload">The payload, copied before the call returns. For <see cref="MessageType.Text"/> it must be UTF-8.</param>
    /// <param name="type">The type.</param>
    /// <param name="compress">
    /// False to send it uncompressed where permessage-deflate was agreed on, as for what is compressed already, or secret beside what an
    /// attacker chooses.
    /// </param>
    /// <returns>
    /// False when the message was not taken: the connection is closing, or the send queue is full. Under
    /// <see cref="SendQueueFullMode.DropOldest"/> a full queue makes room, under <see cref="SendQueueFullMode.Disconnect"/> it closes the
    /// connection.
    /// </returns>
    public bool TrySend(ReadOnlySpan<byte> payload, MessageType type, bool compress = true) =>
        Send(payload, type, null, compress) == SendOutcome.Taken;

    /// <summary>Sends a message that was framed before, or says at once that it can't. Never waits; thread safe.</summary>
    /// <param name="message">The message.</param>
    /// <returns>As <see cref="TrySend(ReadOnlySpan{byte}, MessageType, bool)"/>.</returns>
    public bool TrySend(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Send(message.Payload.Span, message.Type, message, compress: true) == SendOutcome.Taken;
    }

    /// <summary>The same, with a say in what happens when the send queue is full.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">How to send it.</param>
    /// <returns>As <see cref="TrySend(ReadOnlySpan{byte}, MessageType, bool)"/>.</returns>
    public bool TrySend(PreparedMessage message, in SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Send(message.Payload.Span, message.Type, message, compress: true, options) == SendOutcome.Taken;
    }

    /// <summary>
    /// Sends a message; waits for room when the send queue is full and the mode is <see cref="SendQueueFullMode.Wait"/>. Thread safe;
    /// messages leave in the order of the calls.
    /// </summary>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">
    /// Ends the wait: the message is then not sent, and the connection lives on. A message that was taken is sent.
    /// </param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, MessageType type, CancellationToken cancellationToken = default) =>
        SendAsync(payload, type, null, compress: true, cancellationToken);

    /// <summary>
    /// Sends a message, compressed or not, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.
    /// </summary>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="compress">False to send it uncompressed where permessage-deflate was agreed on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload,
        MessageType type,
        bool compress,
        CancellationToken cancellationToken = default
    ) => SendAsync(payload, type, null, compress, cancellationToken);

    /// <summary>
    /// Sends a message that was framed before, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendAsync(message.Payload, message.Type, message, compress: true, cancellationToken);
    }

    /// <summary>Sends a text message, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.</summary>
    /// <param name="text">The text; lone surrogates become U+FFFD, as UTF-8 can't carry them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendTextAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, buffer);
        ValueTask sending;
        try
        {
            sending = SendAsync(buffer.AsMemory(0, length), MessageType.Text, cancellationToken);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        if (sending.IsCompletedSuccessfully)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return sending;
        }

        return ReturnWhenSent(sending, buffer);

        static async ValueTask ReturnWhenSent(ValueTask sending, byte[] buffer)
        {
            try
            {
                await sending.ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>
    /// Opens a message that is sent as it is written, in fragments, without being held. Waits while another is open. Thread safe; messages
    /// that are sent meanwhile wait behind it and count against <see cref="WebSocketConnectionOptions.SendQueueBytes"/>; pings, pongs and a
    /// Close go between.
    /// </summary>
    /// <param name="type">The type. For <see cref="MessageType.Text"/> what is written must be UTF-8, which may be cut anywhere.</param>
    /// <param name="compress">False to send it uncompressed where permessage-deflate was agreed on.</param>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>
    /// The message, to be written, completed by <see cref="WebSocketWriteStream.CompleteAsync(CancellationToken)"/>, and disposed of.
    /// Without being completed it is abandoned: half a message can't be taken back, so the connection then closes.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask<WebSocketWriteStream> OpenMessageAsync(
        MessageType type,
        bool compress = true,
        CancellationToken cancellationToken = default
    )
    {
        PreparedMessage.CheckType(type);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<WebSocketWriteStream>(cancellationToken);
        }

        var message = new WebSocketWriteStream(this, type, compress && _receiver.Deflate is { CanDeflate: true });
        SendWaiter waiter;
        using (EnterSendLock())
        {
            if (!Closing.MaySend)
            {
                return IsForNobody(0)
                    ? new ValueTask<WebSocketWriteStream>(message)
                    : ValueTask.FromException<WebSocketWriteStream>(ClosedException());
            }

            if (Sending.TryOpen(message))
            {
                return new ValueTask<WebSocketWriteStream>(message);
            }

            waiter = new SendWaiter(this, message);
            Sending.Add(waiter);
        }

        return WaitAsync(waiter.AsValueTask(cancellationToken), message);

        static async ValueTask<WebSocketWriteStream> WaitAsync(ValueTask waiting, WebSocketWriteStream message)
        {
            await waiting.ConfigureAwait(false);
            return message;
        }
    }

    /// <summary>Sends a ping and waits for its pong. Thread safe.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>The time from the ping to its pong, the wait in this side's queue included.</returns>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing, or closed before the pong came.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SentPing ping;
        bool flush;
        using (EnterSendLock())
        {
            if (!Closing.MaySend)
            {
                throw ClosedException();
            }

            var pong = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            ping = Liveness.Add(Options.TimeProvider, pong);
            flush = ConnectionTimer.Write(this, ping);
        }

        if (flush)
        {
            ConnectionFlusher.Flush(this);
        }

        try
        {
            return await ping.Pong!.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            using (EnterSendLock())
            {
                Liveness.Forget(ping);
            }
        }
    }

    /// <summary>Where the sending half writes to.</summary>
    internal SendTarget Target => new(_transport, Role, _receiver.Deflate);

    /// <summary>For the budget: the time on this connection's clock.</summary>
    internal long Clock => Timers.Now;

    /// <summary>For the budget: this connection has to go.</summary>
    internal void AbortOverBudget() => ConnectionCloser.Abort(this, ConnectionAbortCause.OverBudget);

    /// <summary>Writes a frame, or queues it. Called under the send lock, when this side has not closed, or closes.</summary>
    /// <returns>Whether the caller must flush once it has left the lock.</returns>
    internal bool Write(
        Opcode opcode,
        ReadOnlySpan<byte> payload,
        PreparedMessage? prepared = null,
        bool compress = true,
        in SendOptions options = default
    )
    {
        bool flush = Sending.Write(Target, opcode, payload, prepared, compress, options);
        if (Sending.HasQueue)
        {
            CountWaiting();
        }

        return flush;
    }

    /// <summary>Counts what waits against the process's budget. Called under the send lock.</summary>
    internal void CountWaiting() => Progress.CountWaiting(this, Sending.HeldBytes);

    /// <summary>
    /// Whether an answer reaches nobody, because the peer is gone, or closed before all that it sent was read. That must not keep the
    /// reader from reading on.
    /// </summary>
    internal bool IsForNobody(int bytes) =>
        Inbox is not null && _ending is { IsHurried: false } && Inbox.TryDiscardAnswer(bytes, Options.SendQueueBytes);

    /// <summary>The exception of a send, or a read, of a connection that is over.</summary>
    internal WebSocketClosedException ClosedException() =>
        new(CloseStatus ?? Longwire.CloseStatus.Abnormal, CloseReason, HandlerError ?? Error);

    private ValueTask SendAsync(
        ReadOnlyMemory<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        CancellationToken cancellationToken
    )
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        switch (Send(payload.Span, type, prepared, compress))
        {
            case SendOutcome.Taken:
                return default;
            case SendOutcome.Closed:
                return IsForNobody(payload.Length) ? default : ValueTask.FromException(ClosedException());
        }

        SendWaiter waiter;
        using (EnterSendLock())
        {
            // Between the two locks the queue may have emptied; then nobody would wake a waiter.
            if (!Closing.MaySend)
            {
                return IsForNobody(payload.Length) ? default : ValueTask.FromException(ClosedException());
            }

            waiter = new SendWaiter(this, payload, type, prepared, compress);
            Sending.Add(waiter);
        }

        ValueTask waiting = waiter.AsValueTask(cancellationToken);
        SendWaiter.AdmitAll(this);
        return waiting;
    }

    private SendOutcome Send(
        ReadOnlySpan<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        in SendOptions options = default
    )
    {
        PreparedMessage.CheckType(type);
        return Sending.TryWriteInWindow(_transport, type, payload)
            ? SendOutcome.Taken
            : SendOutsideWindow(payload, type, prepared, compress, options);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SendOutcome SendOutsideWindow(
        ReadOnlySpan<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        in SendOptions options
    )
    {
        if (Sending.TryWriteDirect(_transport, type, payload, prepared))
        {
            return SendOutcome.Taken;
        }

        bool flush;
        SendOutcome outcome;
        using (EnterSendLock())
        {
            if (!Closing.MaySend)
            {
                return SendOutcome.Closed;
            }

            outcome = Sending.MakeRoom(payload.Length, Options, options);
            flush = outcome == SendOutcome.Taken && Write((Opcode)type, payload, prepared, compress, options);
        }

        if (outcome == SendOutcome.TooSlow)
        {
            TryClose(Longwire.CloseStatus.PolicyViolation, "Too slow");
            return SendOutcome.Closed;
        }

        if (flush)
        {
            ConnectionFlusher.Flush(this);
        }

        return outcome;
    }
}
