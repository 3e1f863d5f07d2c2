using System.Text.Json;

namespace Longwire.Hubs.Testing;

/// <summary>A client's messages, and the waits for them.</summary>
internal sealed class TestInbox(MessageContracts contracts)
{
    /// <summary>A test that waits longer for something hangs.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<ReceivedMessage> _received = [];
    private readonly List<ReceivedBytes> _receivedBytes = [];
    private readonly List<ReceivedMessage> _unread = [];
    private readonly List<Waiter> _waiters = [];
    private WebSocketClosedException? _closed;

    /// <summary>Called with each message, before anyone who waits has it.</summary>
    public Action<ReceivedMessage>? OnMessage { get; set; }

    public ReceivedMessage[] Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public ReceivedBytes[] ReceivedBytes
    {
        get
        {
            lock (_gate)
            {
                return [.. _receivedBytes];
            }
        }
    }

    public WebSocketClosedException? Closed
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

    public void TakeBytes(ReadOnlySpan<byte> message)
    {
        var bytes = Testing.ReceivedBytes.Read(message);
        lock (_gate)
        {
            _receivedBytes.Add(bytes);
        }
    }

    public void Take(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1_000 });
        var message = new ReceivedMessage(JsonElement.ParseValue(ref reader), contracts);
        Waiter? waiter;
        lock (_gate)
        {
            _received.Add(message);
            waiter = _waiters.Find(waiter => waiter.Filter(message));
            if (waiter is null)
            {
                _unread.Add(message);
            }
            else
            {
                _waiters.Remove(waiter);
            }
        }

        OnMessage?.Invoke(message);
        waiter?.Message.TrySetResult(message);
    }

    /// <summary>The first message that passes the filter and was not read before; waits for it.</summary>
    public async Task<ReceivedMessage> NextAsync(Func<ReceivedMessage, bool> filter, string what)
    {
        var waiter = new Waiter(filter);
        lock (_gate)
        {
            int index = _unread.FindIndex(message => filter(message));
            if (index >= 0)
            {
                ReceivedMessage found = _unread[index];
                _unread.RemoveAt(index);
                return found;
            }

            if (_closed is not null)
            {
                throw new WebSocketClosedException(_closed.Status, _closed.Reason);
            }

            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Message.Task.WaitAsync(_patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            string types = string.Join(", ", Received.Select(static message => message.Type));
            throw new TimeoutException($"The client waited {_patience.TotalSeconds} s for {what}. It got: {types}.");
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _closed = null;
        }
    }

    public void Close(CloseStatus status, string reason)
    {
        Waiter[] waiters;
        lock (_gate)
        {
            _closed = new WebSocketClosedException(status, reason);
            waiters = [.. _waiters];
            _waiters.Clear();
        }

        foreach (Waiter waiter in waiters)
        {
            waiter.Message.TrySetException(new WebSocketClosedException(status, reason));
        }
    }

    private sealed class Waiter(Func<ReceivedMessage, bool> filter)
    {
        public Func<ReceivedMessage, bool> Filter => filter;

        public TaskCompletionSource<ReceivedMessage> Message { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
