using System.Globalization;
using System.Text;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.Logging;

namespace Longwire.Fuzzing;

/// <summary>
/// Two nodes, five clients, two rooms, and a network and a clock that the input's bytes turn: two for each step. When they are used up
/// everything is let go on until nobody wants anything any more, and then it is judged.
/// </summary>
internal sealed partial class HubRun : IAsyncDisposable
{
    public const int Kinds = 24;

    /// <summary>How many messages the room of a user keeps.</summary>
    public const int OwnHistorySize = 100;

    private const int HistorySize = 20;
    private const int Recoverable = 6;
    private const int LeastRounds = 20;
    private const int MostRounds = 4_000;
    private const int MostMillisecondsOfRest = 10_000;

    private static readonly string[] _roomNames = ["a", "b"];

    private readonly HubTestClock _time = new();
    private readonly HubModel _model = new(HistorySize, Recoverable);
    private readonly RecordingLoggerFactory _log = new();
    private readonly MemoryHubStore _store;
    private readonly List<(HubRunEngine Engine, Hub Hub)> _nodes = [];
    private readonly List<(HubRunEngine Engine, Hub Hub)> _killed = [];
    private readonly List<(HubRunClient Client, int Node)> _clients = [];
    private readonly List<(HubRunConnection Connection, Hub Hub)> _unnoticed = [];
    private readonly HubFault _fault;
    private int _said;

    private HubRun(HubFault fault)
    {
        _fault = fault;
        _store = new MemoryHubStore(_time, new Random(1).NextBytes);
    }

    public static async Task<string> PlayAsync(byte[] input, HubFault fault)
    {
        await using var run = new HubRun(fault);
        await run.StartAsync();
        for (int at = 0; at + 1 < input.Length; at += 2)
        {
            run.Step(input[at] % Kinds, input[at + 1]);
        }

        run.Settle();
        run.Judge();
        return run.Outcome();
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((HubRunEngine engine, Hub hub) in _nodes.Concat(_killed))
        {
            engine.StopKeeping();
            engine.Heal();
            while (engine.LetGo()) { }

            await hub.DisposeAsync();
        }
    }

    private async Task StartAsync()
    {
        foreach (string name in (string[])["one", "two"])
        {
            _nodes.Add(await StartNodeAsync(name));
        }

        // Two tabs of one user that say the same and name no producer; three that do.
        _clients.Add((new HubRunClient(_model, "ann", producer: null, "tab"), 0));
        _clients.Add((new HubRunClient(_model, "ann", producer: null, "tab"), 0));
        _clients.Add((new HubRunClient(_model, "bob", "outbox", "bob"), 0));
        _clients.Add((new HubRunClient(_model, "eve", "outbox", "eve"), 1));
        _clients.Add((new HubRunClient(_model, "eve", "another", "joe"), 1));
        for (int index = 0; index < _clients.Count; index++)
        {
            Connect(index, resume: false);
            HubRunClient client = _clients[index].Client;
            client.Join(_roomNames[0]);
            for (int round = 0; round < 4; round++)
            {
                DeliverDown(client, int.MaxValue);
                DeliverUp(index, int.MaxValue);
            }
        }
    }

    private void Step(int kind, byte argument)
    {
        int index = argument % _clients.Count;
        HubRunClient client = _clients[index].Client;
        (HubRunEngine engine, Hub hub) = _nodes[argument % _nodes.Count];
        string room = _roomNames[(argument >> 4) % _roomNames.Length];
        switch (kind)
        {
            case 0 or 1 or 2:
                client.Say(room);
                break;
            case 3 or 4 or 5:
                DeliverUp(index, 1 + (argument >> 5));
                break;
            case 6 or 7 or 8:
                DeliverDown(client, 1 + (argument >> 4));
                break;
            case 9 when argument >= 128:
                client.Direct(_clients[argument / 8 % _clients.Count].Client.User);
                break;
            case 9:
                _ = ServerSaysAsync(hub, room);
                break;
            case 10:
                // Half of the ends the server does not notice; a few are a client's goodbye.
                Cut(
                    index,
                    argument >= 128 ? null
                        : argument >= 112 ? CloseStatus.NormalClosure
                        : CloseStatus.Abnormal
                );
                break;
            case 11 or 12:
                // With the old connection alive, and on which the hub still counts, or after it.
                Connect(index, resume: argument < 200);
                break;
            case 13:
                // The session may go on at another node.
                _clients[index] = (client, 1 - _clients[index].Node);
                Connect(index, resume: true);
                break;
            case 14:
                _time.Advance(TimeSpan.FromSeconds(argument < 250 ? argument % 20 : 150));
                break;
            case 15:
                Notice();
                break;
            case 16:
                engine.Keep(1 + (argument % 4));
                break;
            case 17:
                engine.LetGo();
                break;
            case 18:
                Trouble(engine, argument);
                break;
            case 19 or 20:
                client.Change(room, argument);
                break;
            case 21 when argument >= 128:
                client.ReadMap(room);
                break;
            case 21:
                client.Read(room, argument % 8);
                break;
            case 22:
                client.UpdatePresence(room);
                break;
            default:
                if (argument < 64)
                {
                    client.Leave(room);
                }
                else
                {
                    client.Join(room);
                }

                break;
        }
    }

    private void Trouble(HubRunEngine engine, byte argument)
    {
        switch (argument >> 4)
        {
            case < 3:
                engine.Cut();
                break;
            case < 6:
                engine.Freeze();
                break;
            case 6 when argument % 4 == 0:
                lock (_model)
                {
                    int lost = 1 + (argument % 3);
                    _store.LoseNewest(lost);
                    _model.OnLoss(lost);
                }

                _nodes.ForEach(static node => node.Engine.ComeBack());
                break;
            case < 10 when argument % 4 == 1:
                Restart((argument >> 2) % _nodes.Count);
                break;
            default:
                engine.Heal();
                break;
        }
    }

    private void Connect(int index, bool resume)
    {
        (HubRunClient client, int node) = _clients[index];
        Hub hub = _nodes[node].Hub;
        Cut(index, noticed: null);
        var connection = new HubRunConnection(_fault);
        client.Connect(connection, resume, handshake => hub.Accept(connection, handshake));
        _unnoticed.Add((connection, hub));
    }

    /// <summary>The client has lost its connection; what was on its way is lost with it.</summary>
    /// <param name="index">The client's index.</param>
    /// <param name="noticed">The status with which the server notices that at once; null when it does not.</param>
    private void Cut(int index, CloseStatus? noticed)
    {
        HubRunClient client = _clients[index].Client;
        if (client.Connection is { } connection)
        {
            client.Disconnect();
            if (noticed is { } status)
            {
                NoticeEnd(connection, status);
            }
        }
    }

    /// <summary>The oldest connection that has ended is noticed by its server.</summary>
    private void Notice()
    {
        HubRunConnection? ended = _unnoticed.Select(static entry => entry.Connection).FirstOrDefault(IsOver);
        if (ended is not null)
        {
            NoticeEnd(ended);
        }
    }

    private bool IsOver(HubRunConnection connection) => _clients.TrueForAll(entry => entry.Client.Connection != connection);

    private void NoticeEnd(HubRunConnection connection, CloseStatus? status = null)
    {
        int index = _unnoticed.FindIndex(entry => entry.Connection == connection);
        if (index >= 0)
        {
            Hub hub = _unnoticed[index].Hub;
            _unnoticed.RemoveAt(index);
            hub.Release(connection, status ?? CloseStatus.Abnormal);
        }
    }

    private void DeliverUp(int index, int count)
    {
        if (_clients[index].Client.Connection is not { } connection)
        {
            return;
        }

        while (count-- > 0 && connection.Up.TryDequeue(out string? message))
        {
            connection.Session?.Receive(connection, MessageType.Text, Encoding.UTF8.GetBytes(message));
        }
    }

    private void DeliverDown(HubRunClient client, int count)
    {
        if (client.Connection is not { } connection)
        {
            return;
        }

        while (count-- > 0 && connection.TryTake(out byte[] message))
        {
            lock (_model)
            {
                client.Hear(message);
            }
        }

        if (connection.Ended is not null && connection.Waiting == 0)
        {
            client.Disconnect();
            NoticeEnd(connection);
        }
    }

    private async Task ServerSaysAsync(Hub hub, string room)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"\"server-{++_said}\"");
        try
        {
            await hub.PublishAsync(room, Encoding.UTF8.GetBytes(text));
        }
        catch (HubUnavailableException)
        {
            // The engine is away, and it says so.
        }
    }

    /// <summary>Everything heals and goes on, until every client has what it wants.</summary>
    private void Settle()
    {
        foreach ((HubRunEngine engine, Hub _) in _nodes)
        {
            engine.StopKeeping();
            engine.Heal();
        }

        // Some of the hub's work runs on other threads, which a busy machine may keep waiting: the rounds behind the usual ones rest.
        for (int round = 0, rested = 0; round < MostRounds || rested < MostMillisecondsOfRest; round++)
        {
            bool isBusy = _nodes.Exists(static node => node.Engine.LetGo());
            LetClientsGoOn(tryAgain: round % 16 == 0);
            // A node that was cut off or frozen first renews its lease, and learns then which sessions it has no more.
            isBusy |= round < LeastRounds || _clients.Exists(static entry => !entry.Client.IsContent);
            if (!isBusy && !_unnoticed.Exists(entry => IsOver(entry.Connection)))
            {
                return;
            }

            Notice();
            if (round % 16 == 15)
            {
                // Retries of the hub's own, and sessions that nobody comes back to.
                _time.Advance(TimeSpan.FromSeconds(5));
                int rest = round < MostRounds ? 1 : 50;
                Thread.Sleep(rest);
                rested += rest;
            }
        }

        string[] wishes = [.. _clients.Where(static entry => !entry.Client.IsContent).Select(static entry => entry.Client.Describe())];
        HubModel.Require(false, $"These never get what they want: {string.Join("; ", wishes)}");
    }

    /// <summary>Each client comes back if it has to, and everything that waits arrives.</summary>
    private void LetClientsGoOn(bool tryAgain)
    {
        for (int index = 0; index < _clients.Count; index++)
        {
            HubRunClient client = _clients[index].Client;
            if (client.Connection is null)
            {
                Connect(index, resume: true);
            }

            if (tryAgain)
            {
                client.TryAgain();
            }

            DeliverUp(index, int.MaxValue);
            DeliverDown(client, int.MaxValue);
        }
    }

    private string Outcome()
    {
        (int granted, int refused, int resets) = _model.Recoveries;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"recovered {Math.Min(granted, 3)} refused {Math.Min(refused, 3)} reset {Math.Min(resets, 3)} lost {Math.Min(_model.Losses, 1)}"
        );
    }
}
