namespace Longwire.Hubs.Client.Tests;

/// <summary>The cost of clients. Nothing else may run meanwhile, which would be counted.</summary>
[Collection(nameof(CostTests))]
[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
public sealed class CostTests
{
    [Fact]
    public async Task An_idle_client_in_a_room_takes_8_KiB_at_most_beside_its_network_stack()
    {
        const int Clients = 200;
        await OpenAsync(20);
        List<HubClient> clients = [];
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            List<HubClient> opened = await OpenAsync(Clients);
            long after = GC.GetTotalMemory(forceFullCollection: true);
            least = Math.Min(least, (after - before) / Clients);
            clients.AddRange(opened);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{least} bytes");
        Assert.InRange(least, 1_000, 8 << 10);
        GC.KeepAlive(clients);
    }

    [Fact]
    public async Task A_message_that_is_received_costs_nothing_beside_what_the_application_asks_for()
    {
        var hub = new SilentHub();
        await using HubClient client = hub.Connect();
        HubClientRoom room = client.Room("tea");
        var all = new SemaphoreSlim(0);
        room.On<Last>((_, _) => all.Release());
        await room.JoinAsync().WaitAsync(Patience.Long);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            // Of a class that nobody asks for; an object of the application's, and what its serializer needs for it, are its own affair.
            byte[] frames = [.. hub.Frames(Batch, "tick"), .. hub.Frames(1, "last")];
            long before = GC.GetTotalAllocatedBytes(precise: true);
            hub.Play(frames);
            Assert.True(await all.WaitAsync(Patience.Long));
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{least} bytes for {Batch} messages");
        // Other threads of the process allocate a little; a single object a message would be 24 bytes and more.
        Assert.InRange(least, 0, Batch * 8);
    }

    private const int Batch = 5_000;

    private static async Task<List<HubClient>> OpenAsync(int count)
    {
        List<HubClient> clients = [];
        for (int number = 0; number < count; number++)
        {
            HubClient client = new SilentHub().Connect();
            await client.Room("tea").JoinAsync().WaitAsync(Patience.Long);
            clients.Add(client);
        }

        return clients;
    }

    private sealed record Last(int Number);

    /// <summary>The least that a hub can be, and the network with it: it says what it must, and takes what comes.</summary>
    private sealed class SilentHub
    {
        private readonly PlayedStream _stream = new();
        private int _offset;

        public HubClient Connect() =>
            new(
                "ws://hub.test/",
                new HubClientOptions
                {
                    // The other end does not answer the Close.
                    Socket = new WebSocketClientOptions
                    {
                        Connection = new WebSocketConnectionOptions { CloseTimeout = TimeSpan.FromMilliseconds(1) },
                    },
                    Connect = (_, handler, options, _) =>
                    {
                        _stream.OnWrite = Answer;
                        _stream.Play(
                            PlayedStream.Frame(
                                """{"type":"connected","clientId":"c","session":"c.s","resumed":false,"node":"n","pingInterval":30000,"maxMessageBytes":81920,"idempotencyMs":86400000,"userId":"ann","username":"ann"}"""
                            )
                        );
                        return Task.FromResult(WebSocketConnection.FromStream(_stream, WebSocketRole.Client, options.Connection, handler));
                    },
                }
            );

        public byte[] Frames(int count, string type)
        {
            using var frames = new MemoryStream();
            for (int number = 0; number < count; number++)
            {
                frames.Write(
                    PlayedStream.Frame(
                        $$"""{"type":"{{type}}","room":"tea","userId":"ann","username":"ann","number":{{number}},"timestamp":1767225600000,"epoch":"e","offset":{{++_offset}},"tag":"e220a8397b1dcdaf"}"""
                    )
                );
            }

            return frames.ToArray();
        }

        public void Play(byte[] frames) => _stream.Play(frames);

        // All that is sent here is a join, in a short frame.
        private void Answer(ReadOnlyMemory<byte> written)
        {
            byte[] frame = written.ToArray();
            if (frame[0] != 0x81)
            {
                return;
            }

            for (int i = 6; i < frame.Length; i++)
            {
                frame[i] ^= frame[2 + ((i - 6) & 3)];
            }

            string id = System.Text.Json.JsonElement.Parse(frame.AsSpan(6)).GetProperty("id").GetString()!;
            _stream.Play(
                PlayedStream.Frame(
                    $$"""{"type":"joined-room","room":"tea","members":1,"epoch":"e","offset":0,"tag":"00","recovered":false,"messages":[],"id":"{{id}}"}"""
                )
            );
        }
    }
}
