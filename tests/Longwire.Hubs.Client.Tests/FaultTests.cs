using System.Text.Json.Nodes;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Scenario 57: once and in order, whatever the network does; and what judges it is shown to find faults.</summary>
public sealed class FaultTests
{
    private const int Count = 300;

    [Fact]
    public async Task Scenario_57_sent_is_applied_once_in_order_and_published_is_received_once_in_order_through_a_network_that_fails()
    {
        int seed = Environment.TickCount;
        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        await using var proxy = new FaultProxy(hub.Port, seed);
        await using HubClient direct = Connect(hub.Address, "direct");
        await using HubClient troubled = Connect($"ws://127.0.0.1:{proxy.Port}/hub", "troubled");
        var up = new Collector();
        direct.Room("up").On<Edit>((edit, _) => up.Add(edit.Number));
        await direct.Room("up").JoinAsync().WaitAsync(Patience.Long);
        var down = new Collector();
        int resets = 0;
        HubClientRoom downRoom = troubled.Room("down");
        downRoom.On<Edit>((edit, _) => down.Add(edit.Number));
        downRoom.Reset += (_, _) => resets++;
        await downRoom.JoinAsync().WaitAsync(Patience.Long);

        // A few under way at any time, so that faults hit them in every state.
        var open = new Queue<SendReceipt>();
        for (int number = 0; number < Count; number++)
        {
            open.Enqueue(await troubled.Room("up").PublishAsync(new Edit(number)));
            await direct.Room("down").PublishAsync(new Edit(number));
            if (open.Count > 8)
            {
                await open.Dequeue().Acked.WaitAsync(Patience.Long);
            }
        }

        proxy.Calm();
        await up.UntilAsync(Count - 1);
        await down.UntilAsync(Count - 1);
        int faults = Enum.GetValues<NetworkFault>().Sum(proxy.CountOf);
        Assert.True(faults >= 3, $"Seed {seed}: there were only {faults} faults.");
        Assert.True(Judge.FindFault(up.All, Count) is not { } wrong, $"Seed {seed}, up: {Judge.FindFault(up.All, Count)}");
        Assert.True(resets > 0 || Judge.FindFault(down.All, Count) is null, $"Seed {seed}, down: {Judge.FindFault(down.All, Count)}");
        Assert.Equal(0, resets);
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {seed}: {proxy}.");
    }

    [Theory]
    [InlineData("none", null, null)]
    [InlineData("does not send again", "missing: 5 6 7 8 9", null)]
    [InlineData("sends again under another id", "doubled: 0 1 2 3 4", null)]
    [InlineData("does not recover", null, "missing: 0 1 2 3 4")]
    public async Task The_judge_finds_planted_faults(string fault, string? up, string? down)
    {
        await using HubWorld world = await HubWorld.StartAsync();
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        var heard = new Collector();
        room.On<Edit>((edit, from) => heard.AddIf(edit.Number, from.Username == "other-1"));
        await room.JoinAsync().WaitAsync(Patience.Long);

        // Acks of all are lost, and of ten publications the last five as well.
        int arrived = 0;
        HashSet<string> sent = [];
        var allSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "ack");
        world.Wire.LetsUp = message =>
        {
            if (!HubWorld.Is(message, "edit"))
            {
                return true;
            }

            sent.Add(message.GetProperty("id").GetString()!);
            bool arrives = ++arrived <= 5;
            if (arrived == 10)
            {
                allSent.SetResult();
            }

            return arrives;
        };
        for (int number = 0; number < 10; number++)
        {
            await room.PublishAsync(new Edit(number));
        }

        await allSent.Task.WaitAsync(Patience.Long);
        await world.Wire.FromHubAsync("ack", 5);
        for (int number = 0; number < 5; number++)
        {
            // By the time that it has these the hub has published them.
            await other.NextAsync<Edit>();
        }

        world.Wire.LetsDown = null;
        world.Wire.LetsUp = message =>
            fault != "does not send again" || !HubWorld.Is(message, "edit") || !sent.Contains(message.GetProperty("id").GetString()!);
        world.Wire.RewriteUp = text =>
        {
            JsonNode message = JsonNode.Parse(text)!;
            if (fault == "sends again under another id" && sent.Contains((string?)message["id"] ?? ""))
            {
                message["id"] = "again-" + message["id"];
            }

            if (fault == "does not recover")
            {
                message.AsObject().Remove("recover");
            }

            return message.ToJsonString();
        };
        world.Wire.RewriteDown = text =>
            fault == "does not recover" ? text.Replace("\"recovered\":false", "\"recovered\":true", StringComparison.Ordinal) : text;
        world.Wire.Cut();
        for (int number = 0; number < 5; number++)
        {
            await other.PublishAsync("tea", new Edit(number));
        }

        await world.ReturnAsync();
        await room.PresenceAsync().WaitAsync(Patience.Long);
        // Behind all that is sent again.
        await (await room.PublishAsync(new Edit(10))).Acked.WaitAsync(Patience.Long);
        await other.PublishAsync("tea", new Edit(5));
        await heard.UntilAsync(5);
        await other.FlushAsync();
        int[] applied =
        [
            .. other
                .Received.Where(static message => message is { Type: "edit", UserId: "ann" })
                .Select(static message => message.As<Edit>().Number)
                .Where(static number => number < 10),
        ];
        Assert.Equal(up, Judge.FindFault(applied, 10));
        Assert.Equal(down, Judge.FindFault(heard.All, 6));
    }

    [Theory]
    [InlineData("0 1 2", null)]
    [InlineData("0 2", "missing: 1")]
    [InlineData("0 1 1 2", "doubled: 1")]
    [InlineData("0 2 1", "out of order: 0 2 1")]
    [InlineData("0 1 2 3", "more than was published")]
    public void The_judge_tells_faults_apart(string came, string? fault) =>
        Assert.Equal(fault, Judge.FindFault([.. came.Split(' ').Select(int.Parse)], 3));

    private static HubClient Connect(string address, string user) =>
        new(
            address,
            new HubClientOptions
            {
                Token = _ => Task.FromResult(user),
                Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
                Socket = new WebSocketClientOptions
                {
                    Connection = new WebSocketConnectionOptions
                    {
                        PingInterval = TimeSpan.FromMilliseconds(200),
                        PongTimeout = TimeSpan.FromMilliseconds(300),
                    },
                },
            }
        );
}
