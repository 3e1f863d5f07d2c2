namespace Longwire.Yjs.Tests;

/// <summary>A client of the protocol that keeps its document, and notes what it is sent.</summary>
internal sealed class YjsPeer : WebSocketHandler, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly YjsDocument _document = new(joinsStructs: true);
    private readonly List<byte[]> _messages = [];
    private readonly TaskCompletionSource<(CloseStatus Status, string Reason)> _closed = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public WebSocketConnection Connection { get; set; } = null!;

    /// <summary>It said that it had something, and so was not sent everything.</summary>
    public bool Rejoined { get; set; }

    /// <summary>Stops to read behind the next message.</summary>
    public bool IsSlow { get; set; }

    /// <summary>How the server closed.</summary>
    public Task<(CloseStatus Status, string Reason)> Closed => _closed.Task.WaitAsync(Patience.Long);

    public IReadOnlyList<byte[]> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    public byte[] State
    {
        get
        {
            lock (_lock)
            {
                return _document.EncodeState();
            }
        }
    }

    /// <summary>Asks for what this client lacks (sync step 1).</summary>
    public void Ask() => Ask([0]);

    public void Ask(byte[] vector) => Send(new FrameWriter().Number(0).Number(0).Bytes(vector).ToArray());

    public void Write(byte[] update)
    {
        lock (_lock)
        {
            Assert.True(_document.TryApply(update, out YjsError? error), error?.ToString());
        }

        Send(new FrameWriter().Number(0).Number(2).Bytes(update).ToArray());
    }

    public void Show(params (long Client, long Clock, string State)[] states)
    {
        FrameWriter update = new FrameWriter().Number(states.Length);
        foreach ((long client, long clock, string state) in states)
        {
            update.Number(client).Number(clock).Text(state);
        }

        Send(new FrameWriter().Number(1).Bytes(update.ToArray()).ToArray());
    }

    public void Send(byte[] message) => Assert.True(Connection.TrySend(message, MessageType.Binary));

    /// <summary>Waits until the answer to <see cref="Ask()"/> has ended.</summary>
    public Task SyncedAsync() => WaitForAsync(static message => message is [0, 1, ..], "sync step 2");

    public Task HasAsync(byte[] state) => Patience.UntilAsync(() => Edits.AreSame(State, state), "the document is the same");

    /// <summary>How much of a client's writing this one has.</summary>
    public long ClockOf(long client)
    {
        lock (_lock)
        {
            var reader = new FrameReader(_document.EncodeStateVector());
            var clocks = Enumerable.Range(0, reader.Number()).ToDictionary(_ => reader.Long(), _ => reader.Long());
            return clocks.GetValueOrDefault(client);
        }
    }

    /// <summary>The first message of a kind, from the nth on.</summary>
    public async Task<byte[]> WaitForAsync(Func<byte[], bool> isIt, string what, int skip = 0)
    {
        byte[]? found = null;
        await Patience.UntilAsync(() => (found = Messages.Skip(skip).FirstOrDefault(isIt)) is not null || _closed.Task.IsCompleted, what);
        Assert.True(found is not null, $"Closed before it came: {what}");
        return found;
    }

    /// <summary>Waits until some awareness message says this.</summary>
    public Task SeesAsync(long client, long clock, string state) =>
        WaitForAsync(message => States(message).Contains((client, clock, state)), $"client {client} is {state} at {clock}");

    /// <summary>The entries of an awareness message; none when it is another message.</summary>
    public static IReadOnlyList<(long Client, long Clock, string State)> States(byte[] message)
    {
        if (message is not [1, ..])
        {
            return [];
        }

        var reader = new FrameReader(new FrameReader(message.AsMemory(1)).Bytes());
        return [.. Enumerable.Range(0, reader.Number()).Select(_ => (reader.Long(), reader.Long(), reader.Text()))];
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (IsSlow)
        {
            connection.PauseReceiving();
        }

        lock (_lock)
        {
            _messages.Add(payload.ToArray());
            if (payload is [0, 1 or 2, ..])
            {
                byte[] update = new FrameReader(payload[2..].ToArray()).Bytes();
                Assert.True(_document.TryApply(update, out YjsError? error), error?.ToString());
            }
        }
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
        _closed.TrySetResult((status, reason));

    public async ValueTask DisposeAsync() => await Connection.CloseAsync().WaitAsync(Patience.Long);
}
