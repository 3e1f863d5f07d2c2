using System.Buffers;
using System.Text;

namespace Longwire.Client;

// Sending: straight to the connection where nothing waits; else into the outbox, which is sent in order by one at a time.
public sealed partial class ResilientWebSocket
{
    private readonly MessageOutbox _outbox;
    private Link? _open; // the connection that what is sent goes to; null while there is none
    private Link? _pumped; // the connection that the outbox is being sent to
    private Task _pumping = Task.CompletedTask;
    private int _counted; // messages that the meter knows of

    /// <summary>How many messages wait in the outbox.</summary>
    public int WaitingMessages
    {
        get
        {
            lock (_gate)
            {
                return _outbox.Count;
            }
        }
    }

    /// <summary>Sends a text message.</summary>
    /// <param name="text">The text; lone surrogates become U+FFFD, as UTF-8 can't carry them.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox: the message is then not sent.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)" path="/*[self::returns or self::exception or
    /// self::remarks]"/>
    public async ValueTask<SendOutcome> SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            int length = Encoding.UTF8.GetBytes(text, buffer);
            return await SendAsync(buffer.AsMemory(0, length), MessageType.Text, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends a message, or keeps it until there is a connection. Messages leave in the order of the calls.</summary>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outbox: the message is then not sent.</param>
    /// <returns>
    /// <see cref="SendOutcome.Sent"/> when the connection has taken it: it may still be lost with the connection.
    /// <see cref="SendOutcome.Queued"/> when it waits in the outbox. A message is never sent twice.
    /// </returns>
    /// <exception cref="OutboxFullException">
    /// The outbox is full and <see cref="OutboxOptions.WhenFull"/> says to fail, or the message is larger than the outbox.
    /// </exception>
    /// <exception cref="WebSocketClosedException">The client is closed for good, or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask<SendOutcome> SendAsync(ReadOnlyMemory<byte> payload, MessageType type, CancellationToken cancellationToken = default)
    {
        MessageOutbox.Waiter waiter;
        lock (_gate)
        {
            Run run = Start(again: false);
            if (run.IsClosing || run.IsOver)
            {
                return ValueTask.FromException<SendOutcome>((_state.Reason ?? ConnectionEnding.ByHand).ToException());
            }

            if (_outbox.IsEmpty && _open?.Connection is { } connection && connection.TrySend(payload.Span, type))
            {
                return ValueTask.FromResult(SendOutcome.Sent);
            }

            if (!_outbox.CouldHold(payload.Length))
            {
                return ValueTask.FromException<SendOutcome>(
                    new OutboxFullException(
                        $"A message of {payload.Length} bytes can't wait: the outbox holds {_options.Outbox.MaxMessages} messages and {_options.Outbox.MaxBytes} bytes. Raise Outbox.MaxBytes, or send it while the client is open."
                    )
                );
            }

            if (TryQueue(payload.Span, type))
            {
                return ValueTask.FromResult(SendOutcome.Queued);
            }

            switch (_options.Outbox.WhenFull)
            {
                case OutboxFullMode.Fail:
                    return ValueTask.FromException<SendOutcome>(
                        new OutboxFullException($"{_outbox.Count} messages wait already. Send it later, or raise the bounds of Outbox.")
                    );
                case OutboxFullMode.DropOldest:
                    Tell(DiscardCause.OutboxFull, _outbox.MakeRoomFor(payload.Length));
                    if (TryQueue(payload.Span, type))
                    {
                        return ValueTask.FromResult(SendOutcome.Queued);
                    }

                    break;
            }

            waiter = _outbox.Wait(payload, type);
        }

        return new ValueTask<SendOutcome>(WaitForRoomAsync(waiter, cancellationToken));
    }

    private async Task<SendOutcome> WaitForRoomAsync(MessageOutbox.Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Admitted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (_outbox.Remove(waiter))
                {
                    throw;
                }
            }

            // It was admitted at the last moment, and is sent.
            return await waiter.Admitted.Task.ConfigureAwait(false);
        }
    }

    // Under the gate.
    private bool TryQueue(ReadOnlySpan<byte> payload, MessageType type)
    {
        if (!_outbox.TryAdd(payload, type))
        {
            return false;
        }

        CountWaiting();
        if (_open is { } link)
        {
            PumpTo(link);
        }

        return true;
    }

    // Under the gate.
    private void PumpTo(Link link)
    {
        if (_pumped != link && _outbox.Count > 0)
        {
            _pumped = link;
            _pumping = PumpAsync(link, _pumping);
        }
    }

    // One behind the other: the one before may still learn whether its last message was taken.
    private async Task PumpAsync(Link link, Task before)
    {
        // The caller holds the gate.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await before.ConfigureAwait(false);
        while (true)
        {
            MessageOutbox.Item? item;
            lock (_gate)
            {
                if (_open != link || !_outbox.TryBeginSending(out item))
                {
                    if (_pumped == link)
                    {
                        _pumped = null;
                    }

                    return;
                }
            }

            bool sent = true;
            try
            {
                await link.Connection!.SendAsync(item.Payload, item.Type).ConfigureAwait(false);
            }
            catch (WebSocketClosedException)
            {
                sent = false;
            }

            lock (_gate)
            {
                _outbox.EndSending(item, sent);
                CountWaiting();
                if (!sent && _open == link)
                {
                    // The connection is closing; its end is about to be told.
                    _open = null;
                    _run!.Reopen();
                }
            }
        }
    }

    // Under the gate.
    private void Discard(DiscardCause cause) => Tell(cause, _outbox.Clear());

    private void CountWaiting()
    {
        ClientMetrics.Waiting(_outbox.Count - _counted);
        _counted = _outbox.Count;
    }

    // Under the gate.
    private void Tell(DiscardCause cause, List<ReadOnlyMemory<byte>> messages)
    {
        CountWaiting();
        if (messages.Count == 0)
        {
            return;
        }

        ClientMetrics.Discarded(cause.ToString(), messages.Count);
        ClientLog.Discarded(_logger, messages.Count, cause);
        var discarded = new DiscardedMessages(cause, messages);
        _events.Add(() => Discarded?.Invoke(this, discarded));
    }
}
