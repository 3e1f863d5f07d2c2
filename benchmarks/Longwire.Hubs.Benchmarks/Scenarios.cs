using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Benchmarks;

/// <summary>The measurements. Each makes sure that nothing was lost, doubled or out of order, or throws.</summary>
internal sealed class Scenarios(BenchmarkOptions options)
{
    private const int Watchers = 100;
    private const int Recovering = 1_000;
    private const int Missed = 100;

    // So many groups come and go before members are weighed, so that what is compiled as it runs has been.
    private const int Visits = 10;

    // Up to how many members the hub tells of joins and leaves, by default.
    private const int Announced = 1_000;

    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(45);

    private static readonly HttpClient _http = new();

    private int _lobbies;

    private TimeSpan Window => TimeSpan.FromSeconds(options.Seconds);

    /// <summary>One says 100 bytes to all, again and again. Returns deliveries per second of the server's processor time.</summary>
    public async Task<double> PublishAsync(ServerProcess server, Target target, int members, int stuck = 0)
    {
        await using var crowd = new Crowd { ReadCpu = () => server.CpuSeconds };
        var idle = new List<Socket>();
        try
        {
            await crowd.ConnectAsync(
                server,
                target.Path,
                members,
                number => new Client(
                    crowd,
                    number,
                    target.Room is { } room ? () => Join(room)
                        : target.IsPeer ? () => ""
                        : null
                )
            );
            for (int index = 0; index < stuck; index++)
            {
                idle.Add(await StickAsync(server, target, index));
            }

            // The last one may have been told that it is in before it is.
            await Task.Delay(300);
            await crowd.SayAsync(target, Window / 3, Window);
            return crowd.Said * (double)members / crowd.CpuSeconds;
        }
        finally
        {
            idle.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>Many join a room with watchers, and leave it. Returns the server's processor time.</summary>
    public async Task<double> JoinAndLeaveAsync(ServerProcess server)
    {
        await using var crowd = new Crowd();
        // The watchers of the last time may still be members of theirs.
        string room = $"lobby:{++_lobbies}";
        await crowd.ConnectAsync(server, "/hub", Watchers, number => new Client(crowd, number, () => Join(room)));
        await crowd.ConnectAsync(server, "/hub", options.Members, number => new Client(crowd, number, static () => ""));
        await Task.Delay(500);
        Client[] watchers = [.. crowd.Clients.Take(Watchers)];
        Client[] visitors = [.. crowd.Clients.Skip(Watchers)];
        int[] before = [.. watchers.Select(static watcher => watcher.Announced)];
        double began = server.CpuSeconds;
        SayAll(visitors, Join(room));
        await UntilAsync(crowd, () => visitors.All(static visitor => visitor.Joined.ValueKind == JsonValueKind.Object));
        SayAll(visitors, $$"""{"type":"leave-room","room":"{{room}}"}""");
        await crowd.WaitAsync(Task.WhenAll(visitors.Select(static visitor => visitor.Left.Task)));
        int told = Math.Min(visitors.Length, Announced - Watchers) + Math.Min(visitors.Length, Announced - Watchers + 1);
        await UntilAsync(crowd, () => watchers.Zip(before).All(each => each.First.Announced - each.Second >= told));
        double seconds = server.CpuSeconds - began;
        await Task.Delay(200);
        return watchers.Zip(before).All(each => each.First.Announced - each.Second == told)
            ? seconds
            : throw new InvalidOperationException("Somebody was told more than once.");
    }

    /// <summary>Many come back, and each recovers what it has missed. Returns the server's processor time.</summary>
    public async Task<double> RecoverAsync(ServerProcess server)
    {
        (string Session, string Recover)[] lost;
        await using (var crowd = new Crowd())
        {
            await crowd.ConnectAsync(server, "/hub", Recovering, number => new Client(crowd, number, static () => Join("kept")));
            lost = [.. crowd.Clients.Select(static client => (client.NewSession, Position(client.Joined)))];
        }

        await using var speakers = new Crowd();
        await speakers.ConnectAsync(server, "/hub", 1, _ => new Client(speakers, Recovering, static () => Join("kept")));
        for (int number = 1; number <= Missed; number++)
        {
            string content = string.Create(CultureInfo.InvariantCulture, $"#{number:00000000}{new string('x', 91)}");
            speakers.Clients[0].Connection!.TrySend(Encoding.UTF8.GetBytes(Target.History.Say(content)), MessageType.Text);
        }

        await UntilAsync(speakers, () => speakers.Clients[0].Heard == Missed);
        await using var back = new Crowd();
        double began = server.CpuSeconds;
        await back.ConnectAsync(
            server,
            "/hub",
            Recovering,
            number => new Client(back, number, () => $$"""{"type":"join-room","room":"kept","recover":{{lost[number].Recover}}}""")
            {
                Session = lost[number].Session,
            }
        );
        double seconds = server.CpuSeconds - began;
        return back.Clients.All(static client => HasAll(client.Joined))
            ? seconds
            : throw new InvalidOperationException("Somebody did not get all that was missed.");
    }

    /// <summary>
    /// Many are members of rooms of 100, and say nothing. Returns the server's memory for each, beyond that of half as many: the code that
    /// is compiled and the tables that are made for however many are no member's.
    /// </summary>
    public async Task<double> RestAsync(ServerProcess server)
    {
        for (int visit = 0; visit < Visits; visit++)
        {
            await using var few = new Crowd();
            await few.ConnectAsync(server, "/hub", 500, number => new Client(few, number, static () => Join("small:first")));
            // A session that is only lost is kept for a while, and would be weighed with the members.
            await few.LeaveAsync();
        }

        await using var crowd = new Crowd();
        long before = await WeighAsync(server, crowd, options.Members / 2);
        return (await WeighAsync(server, crowd, options.Members) - before) / (double)options.Members;
    }

    private static async Task<long> WeighAsync(ServerProcess server, Crowd crowd, int more)
    {
        await crowd.ConnectAsync(server, "/hub", more, number => new Client(crowd, number, () => Join($"small:{number / 100}")));
        // Until each has been pinged: what it kept for sending, in the rush of joining, it has dropped by then.
        await Task.Delay(_rest);
        await CollectAsync(server);
        return server.AnonymousBytes;
    }

    private static async Task CollectAsync(ServerProcess server)
    {
        for (int count = 0; count < 3; count++)
        {
            await _http.GetStringAsync($"http://{server.Authority}/collect");
            await Task.Delay(500);
        }
    }

    private static string Join(string room) => $$"""{"type":"join-room","room":"{{room}}"}""";

    private static string Position(JsonElement joined) =>
        $$"""{"epoch":"{{joined.GetProperty("epoch").GetString()}}","offset":{{joined.GetProperty("offset").GetInt64()}},"tag":"{{joined.GetProperty("tag").GetString()}}"}""";

    private static bool HasAll(JsonElement joined)
    {
        long offset = joined.GetProperty("offset").GetInt64() - Missed;
        return joined.GetProperty("recovered").GetBoolean()
            && joined.GetProperty("messages").GetArrayLength() == Missed
            && joined.GetProperty("messages").EnumerateArray().All(message => message.GetProperty("offset").GetInt64() == ++offset);
    }

    private static void SayAll(Client[] clients, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (Client client in clients)
        {
            client.Connection!.TrySend(bytes, MessageType.Text);
        }
    }

    private static async Task UntilAsync(Crowd crowd, Func<bool> holds)
    {
        async Task WaitAsync()
        {
            while (!holds())
            {
                await Task.Delay(10);
            }
        }

        await crowd.WaitAsync(WaitAsync());
    }

    // A member that never reads: its own socket, since every client of ours does.
    private static async Task<Socket> StickAsync(ServerProcess server, Target target, int index)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(IPEndPoint.Parse(server.Authority));
        byte[] join = Encoding.UTF8.GetBytes(Join(target.Room!));
        await socket.SendAsync(
            (byte[])
                [
                    .. Encoding.ASCII.GetBytes(
                        $"GET {target.Path}?token=stuck{index} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                    ),
                    0x81,
                    (byte)(0x80 | join.Length),
                    .. new byte[4],
                    .. join,
                ]
        );
        return socket;
    }
}
