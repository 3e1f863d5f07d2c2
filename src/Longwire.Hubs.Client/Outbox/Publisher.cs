using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Client;

/// <summary>
/// Publishes what is in the outbox, as the queue's rules say, and settles it by the hub's answers. Thread safe by the client's lock, which
/// the caller holds where a method says so.
/// </summary>
[UnsupportedOSPlatform("browser")]
internal sealed class Publisher : IDisposable
{
    private static readonly TimeSpan _retryWriting = TimeSpan.FromSeconds(1);

    private readonly HubClientOptions _options;
    private readonly Lock _gate;
    private readonly OutboxQueue _queue;
    private readonly ILogger _logger;
    private readonly Func<string, bool> _isReady;
    private readonly Action<UndeliveredPublication> _undelivered;
    private readonly LinkedList<Waiter> _waiters = [];
    private WebSocketConnection? _connection;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>Makes a publisher.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="gate">The client's lock.</param>
    /// <param name="queue">The outbox.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="isReady">Whether a room can be published to; called under the lock.</param>
    /// <param name="undelivered">Is told of what is refused or uncertain; called outside of the lock, or under it.</param>
    public Publisher(
        HubClientOptions options,
        Lock gate,
        OutboxQueue queue,
        ILogger logger,
        Func<string, bool> isReady,
        Action<UndeliveredPublication> undelivered
    )
    {
        _options = options;
        _gate = gate;
        _queue = queue;
        _logger = logger;
        _isReady = isReady;
        _undelivered = undelivered;
    }

    public int Count => _queue.Count;

    /// <summary>The rooms that something waits for. Under the lock.</summary>
    public string[] Rooms => _queue.Rooms;

    /// <summary>The largest message that the hub takes, as it said last.</summary>
    public long MaxMessageBytes { get; set; } = long.MaxValue;

    /// <summary>Adds a publication, and sends it where that is possible.</summary>
    public async ValueTask<SendReceipt> AddAsync(OutboxEntry entry, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(HubClient));
            if (entry.Json.Length + OutboxEntry.Cost > _options.OutboxLimits.MaxBytes || _options.OutboxLimits.MaxMessages == 0)
            {
                throw new OutboxFullException(
                    $"A publication of {entry.Json.Length} bytes is larger than the outbox, which holds {_options.OutboxLimits.MaxMessages} messages and {_options.OutboxLimits.MaxBytes} bytes: raise OutboxLimits."
                );
            }

            if (_waiters.Count == 0 && HasRoomFor(entry))
            {
                Add(entry);
                return entry.Receipt;
            }

            if (_options.OutboxLimits.WhenFull == OutboxFullMode.Fail)
            {
                throw new OutboxFullException($"{_queue.Count} publications wait already. Publish it later, or raise OutboxLimits.");
            }

            waiter = new Waiter(entry);
            _waiters.AddLast(waiter);
        }

        try
        {
            await waiter.Added.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (_waiters.Remove(waiter))
                {
                    throw;
                }
            }

            // It was added at the last moment.
            await waiter.Added.Task.ConfigureAwait(false);
        }

        return entry.Receipt;
    }

    /// <summary>The client is connected. Under the lock; what was open is sent from <see cref="Pump"/> on.</summary>
    public void Connected(WebSocketConnection connection, string destination, string owner, TimeSpan remembered)
    {
        _connection = connection;
        Own(destination, owner, remembered);
    }

    /// <summary>The client is somebody now. Under the lock.</summary>
    public void Own(string destination, string owner, TimeSpan remembered)
    {
        try
        {
            foreach (OutboxEntry entry in _queue.Connected(destination, owner, remembered))
            {
                if (entry.FirstSent is null)
                {
                    entry.Receipt.OnRefused("other-destination", "It was for another server, or another user.");
                    Tell(entry, "other-destination", "It was for another server, or another user.");
                }
                else
                {
                    entry.Receipt.OnUncertain();
                    Tell(entry, "", "");
                }
            }
        }
        catch (IOException exception)
        {
            HubClientLog.OutboxFailed(_logger, exception);
            _connection = null;
        }
    }

    /// <summary>The connection is lost. Under the lock.</summary>
    /// <param name="wasTooLarge">Whether a message was too large for it.</param>
    public void Lost(bool wasTooLarge)
    {
        OutboxEntry? tooLarge = wasTooLarge ? _queue.LargestUnderWay : null;
        _connection = null;
        _queue.Rewind();
        if (tooLarge is not null)
        {
            Refuse(tooLarge, "too-large", "The message is larger than the connection takes.");
        }
    }

    /// <summary>Sends what may be sent. Under the lock.</summary>
    public void Pump()
    {
        try
        {
            while (_connection is { } connection && _queue.Next(_isReady) is { } entry)
            {
                if (entry.Json.Length > MaxMessageBytes)
                {
                    Refuse(entry, "too-large", $"The message has {entry.Json.Length} bytes, and the hub takes {MaxMessageBytes}.");
                    continue;
                }

                entry.Receipt.OnSent();
                Post(connection, entry.Frame);
            }

            if (_connection is not null && _queue.NextDelay is { } delay)
            {
                PumpIn(delay);
            }
        }
        catch (IOException exception)
        {
            // As on a full disk: that it is sent can't be noted, so it must not be.
            HubClientLog.OutboxFailed(_logger, exception);
            PumpIn(_retryWriting);
        }
    }

    /// <summary>Takes an <c>ack</c>.</summary>
    /// <returns>False when it is for no publication.</returns>
    public bool TryAcknowledge(string id, RoomPosition position, bool repeated)
    {
        OutboxEntry? entry;
        lock (_gate)
        {
            entry = _queue.Find(id);
            if (entry is null)
            {
                return false;
            }

            _queue.Settle(entry);
            Admit();
            Pump();
        }

        entry.Receipt.OnAcked(position, repeated);
        return true;
    }

    /// <summary>Takes an <c>error</c>.</summary>
    /// <returns>False when it is for no publication.</returns>
    public bool TryRefuse(string id, string code, string message, TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            if (_queue.Find(id) is not { } entry)
            {
                return false;
            }

            if (code is "rate-limited" or "unavailable")
            {
                TimeSpan delay = retryAfter ?? BackOff.Ceiling(entry.Delays + 1, _options.Reconnect) * _options.Random();
                _queue.Delay(entry, delay, isForAll: code == "rate-limited");
            }
            else
            {
                Refuse(entry, code, message);
                Admit();
            }

            Pump();
        }

        return true;
    }

    /// <summary>A room can't be joined, and so not be published to. Under the lock.</summary>
    public void RefuseRoom(string room, string code, string message)
    {
        foreach (OutboxEntry entry in _queue.OfRoom(room))
        {
            Refuse(entry, code, message);
        }

        Admit();
    }

    /// <summary>Ends the wait of all callers for room in the outbox. Under the lock.</summary>
    public void FailWaiters(Exception error)
    {
        foreach (Waiter waiter in _waiters)
        {
            waiter.Added.TrySetException(error);
        }

        _waiters.Clear();
    }

    /// <summary>
    /// Hands a message to a connection, in the order of the calls. A message that can't be sent is found missing when the client is back.
    /// </summary>
    public static void Post(WebSocketConnection connection, byte[] message)
    {
        ValueTask sending = connection.SendAsync(message, MessageType.Text);
        if (!sending.IsCompletedSuccessfully)
        {
            _ = sending.AsTask().ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _connection = null;
                _timer?.Dispose();
                _queue.Dispose();
            }
        }
    }

    private bool HasRoomFor(OutboxEntry entry) =>
        _queue.Count < _options.OutboxLimits.MaxMessages
        && _queue.Bytes + entry.Json.Length + OutboxEntry.Cost <= _options.OutboxLimits.MaxBytes;

    private void Add(OutboxEntry entry)
    {
        _queue.Add(entry);
        Pump();
    }

    private void Admit()
    {
        while (_waiters.First is { Value: var waiter } && HasRoomFor(waiter.Entry))
        {
            _waiters.RemoveFirst();
            try
            {
                Add(waiter.Entry);
                waiter.Added.TrySetResult();
            }
            catch (IOException exception)
            {
                waiter.Added.TrySetException(exception);
            }
        }
    }

    private void Refuse(OutboxEntry entry, string code, string message)
    {
        _queue.Settle(entry);
        entry.Receipt.OnRefused(code, message);
        Tell(entry, code, message);
    }

    private void Tell(OutboxEntry entry, string code, string message)
    {
        ClientMetrics.Discarded(entry.Receipt.State.ToString(), 1);
        HubClientLog.Undelivered(_logger, entry.Receipt.State, code);
        _undelivered(new UndeliveredPublication(entry.Id, entry.Room, entry.Json, entry.Receipt.State, code, message));
    }

    private void PumpIn(TimeSpan delay)
    {
        if (_isDisposed)
        {
            return;
        }

        _timer ??= _options.TimeProvider.CreateTimer(
            static publisher => ((Publisher)publisher!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                Pump();
            }
        }
    }

    private sealed class Waiter(OutboxEntry entry)
    {
        public OutboxEntry Entry => entry;

        public TaskCompletionSource Added { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
