using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Longwire.Fuzzing;

/// <summary>One side: its connection, what was sent by it and what came to it.</summary>
internal sealed class ConnectionEnd
{
    private readonly FaultyReader _reader;
    private readonly EndHandler? _handler;
    private readonly bool _drops;
    private readonly int _readsCancel;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<(int Actor, int Number), bool> _taken = new();
    private readonly Dictionary<int, int> _last = [];
    private readonly HashSet<(int Actor, int Number)> _come = [];
    private volatile bool _calledClose;

    public ConnectionEnd(WebSocketRole role, PipeReader reader, PipeWriter writer, ConnectionSetup setup, DeflatePool pool)
    {
        _reader = new FaultyReader(reader);
        _readsCancel = setup.ReadsCancel;
        _drops = setup.Mode != SendQueueFullMode.Wait;
        bool pulls = role == WebSocketRole.Server ? setup.ServerPulls : setup.ClientPulls;
        _handler = pulls ? null : new EndHandler(this);
        PerMessageDeflate? deflate =
            setup.Parameters is null ? null
            : role == WebSocketRole.Server ? PerMessageDeflate.ForServer(setup.Parameters, setup.DeflateOptions, pool)
            : PerMessageDeflate.ForClient(setup.Parameters, setup.DeflateOptions, pool);
        Connection = new WebSocketConnection(
            new PipeTransport(new DuplexPipe(_reader, writer)),
            role,
            setup.Options,
            _handler,
            null,
            deflate
        );
    }

    public WebSocketConnection Connection { get; }

    public Task Reading { get; private set; } = Task.CompletedTask;

    /// <summary>Whether something was done that may end the connection out of order.</summary>
    public volatile bool Disturbed;

    /// <summary>Whether the handler pauses receiving in its next call, or throws.</summary>
    public volatile bool PausesNext;

    public volatile bool ThrowsNext;

    public void Start()
    {
        Connection.Start();
        Reading = _handler is null ? Task.Run(ReadAsync) : Task.CompletedTask;
    }

    public void Rest() => PausesNext = ThrowsNext = false;

    public void Break()
    {
        Disturbed = true;
        _reader.Break();
    }

    public void CalledClose() => _calledClose = true;

    public void Fault(string fault) => _faults.Enqueue(fault);

    public void Sent(int actor, int number, bool taken) => _taken[(actor, number)] = taken;

    public static byte[] Payload(int actor, int number, int size)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{actor}:{number}:{size}:"));
        byte[] payload = new byte[head.Length + size];
        head.CopyTo(payload, 0);
        for (int i = 0; i < size; i++)
        {
            payload[head.Length + i] = (byte)('a' + ((i + number) % 26));
        }

        return payload;
    }

    // Calls don't overlap, so nothing here is locked; that they don't is what the handler looks at.
    public void Came(ReadOnlySpan<byte> payload)
    {
        string[] head = Encoding.ASCII.GetString(payload[..Math.Min(payload.Length, 30)]).Split(':');
        if (
            head.Length < 4
            || !int.TryParse(head[0], CultureInfo.InvariantCulture, out int actor)
            || !int.TryParse(head[1], CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(head[2], CultureInfo.InvariantCulture, out int size)
            || !payload.SequenceEqual(Payload(actor, number, size))
        )
        {
            Fault("A message came that was not sent so");
            return;
        }

        if (!_come.Add((actor, number)))
        {
            Fault($"A message came twice: {actor} {number}");
        }
        else if (_last.TryGetValue(actor, out int last) && last > number)
        {
            Fault($"A message came out of its order: {actor} {number} behind {last}");
        }

        _last[actor] = number;
    }

    /// <summary>Looks at what came to the other side, and at how this one closed.</summary>
    public void Judge(ConnectionEnd other)
    {
        _handler?.Judge();
        Require(_faults.IsEmpty, _faults.FirstOrDefault() ?? "");
        Require(Connection.State == WebSocketPhase.Closed && Connection.CloseStatus is not null, "A connection that is over is not closed");
        bool calm = !Disturbed && !other.Disturbed;
        Require(!calm || Connection.Error is null, $"An error without a fault: {Connection.Error}");
        Require(
            !calm
                || Connection.CloseStatus
                    is CloseStatus.NormalClosure
                        or CloseStatus.GoingAway
                        or CloseStatus.PolicyViolation
                        or CloseStatus.NoStatus
                        or (CloseStatus)4002,
            $"It did not close in good order: {Connection.Role} {Connection.CloseStatus} {Connection.CloseReason}"
        );
        foreach (((int Actor, int Number) message, bool taken) in _taken)
        {
            bool came = other._come.Contains(message);
            Require(taken || !came, $"A message came that was refused or cancelled: {message}");
            // A side that closes and reads slowly wants no more; then messages that don't fit are dropped.
            bool mayDrop = _drops || !calm || (other._handler is null && other._calledClose);
            Require(came || !taken || mayDrop, $"A message that was taken did not come: {message}");
        }

        Require(other._come.All(_taken.ContainsKey), "A message came that nobody sent");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new IllegalOutcomeException(otherwise);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            for (int read = 1; ; read++)
            {
                bool cancels = _readsCancel != 0 && read % _readsCancel == 0;
                try
                {
                    using var cancellation = new CancellationTokenSource();
                    ValueTask<WebSocketMessage> reading = Connection.ReadAsync(cancellation.Token);
                    Task cancelling = cancels && !reading.IsCompleted ? Task.Run(cancellation.Cancel) : Task.CompletedTask;
                    try
                    {
                        WebSocketMessage message = await reading;
                        Came(message.Payload.Span);
                    }
                    finally
                    {
                        await cancelling;
                    }
                }
                catch (OperationCanceledException) when (cancels)
                {
                    // Only the wait has ended; the next read gets what comes. Not at once, or nothing else would run.
                    await Task.Delay(1);
                }
            }
        }
        catch (WebSocketClosedException)
        {
            // The end.
        }
    }

    private sealed class EndHandler(ConnectionEnd end) : WebSocketHandler
    {
        private int _inside;
        private int _opened;
        private int _closed;

        public void Judge()
        {
            Require(_opened == 1, $"OnOpen was called {_opened} times");
            Require(_closed == 1, $"OnClose was called {_closed} times");
        }

        public override void OnOpen(WebSocketConnection connection) => Call(() => _opened++);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            byte[] copy = payload.ToArray();
            Call(() => end.Came(copy));
            if (_opened == 0)
            {
                end.Fault("OnMessage before OnOpen");
            }

            if (end.PausesNext)
            {
                end.PausesNext = false;
                connection.PauseReceiving();
            }

            if (end.ThrowsNext)
            {
                end.ThrowsNext = false;
                end.Disturbed = true;
                throw new InvalidOperationException("The handler's fault.");
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) => Call(() => _closed++);

        private void Call(Action act)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                end.Fault("Calls of the handler overlap");
            }

            if (_closed != 0)
            {
                end.Fault("A call of the handler behind OnClose");
            }

            act();
            Interlocked.Decrement(ref _inside);
        }
    }
}
