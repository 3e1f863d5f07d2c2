using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Soak;

/// <summary>
/// A client of the runtime's own. It publishes, is cut off, freezes, comes back, joins with what it has and sends again what has no ack.
/// </summary>
internal sealed class HubSoakClient(HubSoak run, int number, int seed)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string> _unacked = []; // id to room
    private readonly List<ClientWebSocket> _dead = [];
    private readonly HashSet<string> _joined = [];
    private string _session = "";
    private int _lastId;
    private int _faultIn = 20;
    private JsonElement? _held;
    private bool _isQuiet;
    private Task<JsonElement>? _reading;
    private ClientWebSocket? _readingOf;

    public int Number => number;

    public int Cuts { get; private set; }

    public int Freezes { get; private set; }

    /// <summary>Whether the fault that the run has to find is still to come: a busy machine may need longer than the run's time for it.</summary>
    public bool OwesAFault => run.Fault is not (HubSoakFault.None or HubSoakFault.ShortRecovery) && _faultIn > 0;

    private string Producer => $"soak-{number}";

    public async Task RunAsync(Func<bool> isOver)
    {
        while (true)
        {
            var socket = new ClientWebSocket();
            socket.Options.Proxy = null;
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            try
            {
                await socket
                    .ConnectAsync(
                        new Uri($"{run.Address}?token=soak-{number}&producer={Producer}&session={_session}"),
                        CancellationToken.None
                    )
                    .WaitAsync(_patience);
                if (await VisitAsync(socket, isOver))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
            {
                // The other end has gone, as one that is too slow is made to: come back.
                await Task.Delay(_random.Next(50));
            }
            finally
            {
                if (!_dead.Contains(socket))
                {
                    socket.Abort();
                }
            }
        }
    }

    /// <summary>Ends the connections that were left without a goodbye.</summary>
    public void Bury() => _dead.ForEach(static socket => socket.Abort());

    /// <summary>Until the end of the run or of the connection. True for the former.</summary>
    private async Task<bool> VisitAsync(ClientWebSocket socket, Func<bool> isOver)
    {
        _joined.Clear();
        foreach (string room in run.RoomsOf(number))
        {
            string recover = run.Judge.PositionOf(number, room) is var (epoch, offset)
                ? $$""","recover":{"epoch":"{{epoch}}","offset":{{offset}}}"""
                : "";
            await SendAsync(socket, $$"""{"type":"join-room","room":"{{room}}"{{recover}}}""");
        }

        await UntilAsync(socket, () => _joined.Count == run.RoomsOf(number).Length, _patience);
        foreach ((string id, string room) in _unacked.ToArray())
        {
            await PublishAsync(socket, room, id);
        }

        DateTime cutAt = DateTime.UtcNow.AddMilliseconds(_random.Next(500, run.LongestVisit));
        while (!isOver())
        {
            if (DateTime.UtcNow >= cutAt)
            {
                await LeaveAsync(socket);
                return false;
            }

            string room = run.RoomsOf(number)[_random.Next(run.RoomsOf(number).Length)];
            await PublishAsync(socket, room, (++_lastId).ToString(CultureInfo.InvariantCulture));
            if (_random.Next(12) == 0)
            {
                Freezes++;
                await Task.Delay(_random.Next(50, 1_500));
            }

            await ReadForAsync(socket, TimeSpan.FromMilliseconds(_random.Next(run.LongestPause)));
        }

        await UntilAsync(socket, () => _unacked.Count == 0, _patience);
        if (!_isQuiet)
        {
            _isQuiet = true;
            run.Quiet.Signal();
        }

        // All have their acks: what was published by then has to come.
        await UntilAsync(socket, () => run.Quiet.IsSet, _patience);
        foreach (string room in run.RoomsOf(number))
        {
            (string epoch, long offset) = run.EndOf(room);
            await UntilAsync(
                socket,
                () => run.Judge.PositionOf(number, room) is var (at, got) && at == epoch && got >= offset,
                TimeSpan.FromSeconds(15)
            );
            run.Judge.End(number, room, epoch, offset);
        }

        return true;
    }

    /// <summary>Leaves as clients do: with a reset, without a word, or with a goodbye.</summary>
    private async Task LeaveAsync(ClientWebSocket socket)
    {
        Cuts++;
        switch (_random.Next(3))
        {
            case 0:
                socket.Abort();
                break;
            case 1:
                // The cable is out: the server knows nothing until the session is taken away from that connection.
                _dead.Add(socket);
                break;
            default:
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                _session = "";
                break;
        }

        await Task.Delay(_random.Next(200));
    }

    private async Task PublishAsync(ClientWebSocket socket, string room, string id)
    {
        _unacked[id] = room;
        string again = run.Fault == HubSoakFault.PublishedTwice && number == 0 && --_faultIn == 0 ? "-again" : "";
        await SendAsync(socket, $$"""{"type":"message","room":"{{room}}","id":"{{id}}{{again}}","content":"{{number}}/{{id}}"}""");
        if (again.Length > 0)
        {
            await SendAsync(socket, $$"""{"type":"message","room":"{{room}}","id":"{{id}}","content":"{{number}}/{{id}}"}""");
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string json) =>
        socket
            .SendAsync(Encoding.UTF8.GetBytes(json).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None)
            .AsTask()
            .WaitAsync(_patience);

    private Task ReadForAsync(ClientWebSocket socket, TimeSpan time)
    {
        DateTime until = DateTime.UtcNow + time;
        return UntilAsync(socket, () => DateTime.UtcNow >= until, time, mayEnd: true);
    }

    /// <summary>Takes what comes until something holds.</summary>
    private async Task UntilAsync(ClientWebSocket socket, Func<bool> holds, TimeSpan patience, bool mayEnd = false)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        while (!holds())
        {
            if (_readingOf != socket)
            {
                (_readingOf, _reading) = (socket, null);
            }

            // A read can't be given up without ending the connection, so it is kept for the next time.
            _reading ??= ReadAsync(socket);
            await Task.WhenAny(_reading, Task.Delay(10));
            if (_reading.IsCompleted)
            {
                JsonElement message = await _reading;
                _reading = null;
                Take(message);
            }
            else if (DateTime.UtcNow > deadline)
            {
                if (!mayEnd)
                {
                    run.Judge.Add($"client {number} waited in vain; {_unacked.Count} without an ack");
                }

                return;
            }
        }
    }

    private static async Task<JsonElement> ReadAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[4 << 10];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException($"closed with {(int?)socket.CloseStatus}");
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
                return document.RootElement.Clone();
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }

    private void Take(JsonElement message)
    {
        switch (Text(message, "type"))
        {
            case "connected":
                _session = Text(message, "session");
                break;
            case "message":
                TakeDelivery(message);
                break;
            case "joined-room":
                TakeJoined(message);
                break;
            case "room-reset":
                run.Judge.Reset(number, Text(message, "room"), Text(message, "epoch"), message.GetProperty("offset").GetInt64());
                break;
            case "ack":
                TakeAck(message);
                break;
            case "error":
                run.Judge.Add($"client {number}: {message}");
                break;
            default:
                break;
        }
    }

    private void TakeJoined(JsonElement message)
    {
        string room = Text(message, "room");
        bool hadPosition = run.Judge.PositionOf(number, room) is not null;
        bool recovered = message.GetProperty("recovered").GetBoolean();
        JsonElement[] missed = [.. message.GetProperty("messages").EnumerateArray()];
        if (recovered && run.Fault == HubSoakFault.ShortRecovery && number == 0)
        {
            missed = missed.Length > 0 ? missed[..^1] : missed;
        }

        foreach (JsonElement each in recovered ? missed : [])
        {
            Deliver(each);
        }

        run.Judge.Joined(number, room, Text(message, "epoch"), message.GetProperty("offset").GetInt64(), hadPosition, recovered);
        _joined.Add(room);
    }

    private void TakeAck(JsonElement message)
    {
        string id = Text(message, "id");
        string room = Text(message, "room");
        if (_unacked.Remove(id))
        {
            long offset = message.GetProperty("offset").GetInt64();
            bool isFalse = run.Fault == HubSoakFault.FalseAck && number == 0 && --_faultIn == 0;
            run.Judge.Acked(room, run.EpochOf(room), isFalse ? offset + 1_000_000 : offset, $"{number}/{id}");
        }
    }

    private void TakeDelivery(JsonElement message)
    {
        bool isFaulty = run.Fault is >= HubSoakFault.Lost and <= HubSoakFault.Changed && number == 0 && _held is null && --_faultIn == 0;
        if (isFaulty && run.Fault == HubSoakFault.Lost)
        {
            return;
        }

        if (isFaulty && run.Fault == HubSoakFault.Reordered)
        {
            _held = message;
            return;
        }

        Deliver(message, isFaulty && run.Fault == HubSoakFault.Changed ? "another" : null);
        if (isFaulty && run.Fault == HubSoakFault.Doubled)
        {
            Deliver(message);
        }

        if (_held is { } held && Text(held, "room") == Text(message, "room"))
        {
            _held = null;
            Deliver(held);
        }
    }

    private void Deliver(JsonElement message, string? content = null) =>
        run.Judge.Delivered(
            number,
            Text(message, "room"),
            Text(message, "epoch"),
            message.GetProperty("offset").GetInt64(),
            content ?? Text(message, "message")
        );

    private static string Text(JsonElement message, string name) => message.GetProperty(name).GetString()!;
}
