using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class DeliveryTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : DeliveryTests(null);

    public sealed class OnKestrel() : DeliveryTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : DeliveryTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : DeliveryTests(ServerTransport.IoUring);

    // Together more than the kernel's buffers and the queue take for a member that does not read.
    private const int ContentBytes = 50_000;
    private const int Publications = 200;

    [Fact]
    public async Task All_members_get_the_publications_of_many_publishers_in_the_order_of_their_offsets()
    {
        const int Publishers = 6;
        const int Each = 50;
        await using TestHub hub = await StartHubAsync(options => options.RateLimit = null);
        var clients = new List<TestClient>();
        for (int index = 0; index < Publishers; index++)
        {
            clients.Add(await hub.JoinAsAsync("user" + index, "general"));
        }

        await Task.WhenAll(
            clients.Select(
                (client, index) =>
                    Task.Run(async () =>
                    {
                        for (int number = 0; number < Each; number++)
                        {
                            await client.SendAsync(
                                $$$"""{"type":"message","room":"general","content":{"by":{{{index}}},"number":{{{number}}}}}"""
                            );
                        }
                    })
            )
        );
        List<string>[] orders = await Task.WhenAll(
            clients.Select(async client =>
            {
                var order = new List<string>();
                int[] next = new int[Publishers];
                while (order.Count < Publishers * Each)
                {
                    JsonElement message = await client.UntilAsync("message");
                    order.Add(message.GetProperty("message").GetRawText());
                    Assert.Equal(order.Count, message.Number("offset"));
                    long by = message.GetProperty("message").Number("by");
                    Assert.Equal(next[by]++, message.GetProperty("message").Number("number"));
                }

                return order;
            })
        );
        Assert.All(orders, order => Assert.Equal(orders[0], order));
    }

    [Fact]
    public async Task Who_joins_while_others_publish_misses_nothing_after_the_offset_told()
    {
        await using TestHub hub = await StartHubAsync(options => options.RateLimit = null);
        await hub.JoinAsAsync("listener", "general");
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await hub.Hub.PublishAsync("general", "1"u8.ToArray());
            }
        });
        for (int round = 0; round < 10; round++)
        {
            TestClient client = await hub.ConnectAsAsync("ann" + round);
            long offset = (await client.JoinAsync("general")).Number("offset");
            for (int count = 0; count < 5; count++)
            {
                Assert.Equal(++offset, (await client.UntilAsync("message")).Number("offset"));
            }

            client.Abort();
        }

        await stop.CancelAsync();
        await publishing;
    }

    [Fact]
    public async Task A_member_that_does_not_read_is_closed_as_too_slow_and_delays_nobody()
    {
        await using TestHub hub = await StartHubAsync(options => options.RateLimit = null);
        TestClient reader = await hub.JoinAsAsync("reader", "general");
        TestClient slow = await OpenSlowAsync(hub, "general");
        await reader.NextAsync("user-joined");
        string content = new('x', ContentBytes);
        for (int offset = 1; offset <= Publications; offset++)
        {
            await reader.SendAsync($$"""{"type":"message","room":"general","content":"{{content}}"}""");
            Assert.Equal(offset, (await reader.UntilAsync("message")).Number("offset"));
        }

        (CloseStatus status, string? reason, List<JsonElement> _) = await slow.ClosedAsync();
        Assert.Equal((HubCloseStatus.TooSlow, "Too slow"), (status, reason));
    }

    [Fact]
    public async Task Where_the_oldest_make_room_a_slow_member_sees_gaps_in_order_and_then_the_newest()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.RateLimit = null;
            options.Rooms.Default!.SlowConsumer = SlowConsumerPolicy.DropOldest;
        });
        TestClient slow = await OpenSlowAsync(hub, "general");
        byte[] content = [(byte)'"', .. Enumerable.Repeat((byte)'x', ContentBytes), (byte)'"'];
        for (int count = 0; count < Publications; count++)
        {
            await hub.Hub.PublishAsync("general", content);
        }

        var offsets = new List<long>();
        while (offsets.LastOrDefault() < Publications)
        {
            offsets.Add((await slow.NextAsync("message")).Number("offset"));
        }

        Assert.Equal(1, offsets[0]);
        Assert.Equal(offsets.Order().Distinct(), offsets);
        Assert.InRange(offsets.Count, 2, Publications / 2);
        await slow.ExpectNothingAsync();
    }

    [Fact]
    public async Task Where_the_newest_of_each_key_counts_a_slow_member_gets_it_and_other_keys_are_kept()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.RateLimit = null;
            options.Rooms.Default!.SlowConsumer = SlowConsumerPolicy.KeepLatest;
        });
        TestClient reader = await hub.JoinAsAsync("reader", "general");
        TestClient slow = await OpenSlowAsync(hub, "general");
        await reader.NextAsync("user-joined");
        string content = new('x', ContentBytes);
        for (int offset = 1; offset <= Publications; offset++)
        {
            string key = offset == 10 ? "rare" : "often";
            await reader.SendAsync($$"""{"type":"message","room":"general","content":"{{content}}","key":"{{key}}"}""");
            Assert.Equal(offset, (await reader.UntilAsync("message")).Number("offset"));
        }

        var last = new Dictionary<string, long>();
        while (last.GetValueOrDefault("often") < Publications)
        {
            JsonElement message = await slow.NextAsync("message");
            last[message.Text("key")] = message.Number("offset");
        }

        Assert.Equal(10, last["rare"]);
        await slow.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_makes_room_is_of_rooms_that_allow_it_and_never_an_answer()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.RateLimit = null;
            options.Rooms.Add("lossy", new RoomOptions { SlowConsumer = SlowConsumerPolicy.DropOldest });
        });
        TestClient slow = await OpenSlowAsync(hub, "exact");
        await slow.JoinAsync("lossy");
        byte[] content = [(byte)'"', .. Enumerable.Repeat((byte)'x', ContentBytes), (byte)'"'];
        for (int count = 0; count < Publications; count++)
        {
            await hub.Hub.PublishAsync("lossy", content);
        }

        await hub.Hub.PublishAsync("exact", "1"u8.ToArray());
        await slow.SendAsync("""{"type":"ping","id":"p"}""");
        await Eventually.TrueAsync(() => hub.Hub.FindSession(slow.ClientId)!.WaitingMessages == 0);
        for (int count = 0; count < Publications; count++)
        {
            await hub.Hub.PublishAsync("lossy", content);
        }

        bool gotExact = false;
        JsonElement message;
        do
        {
            message = await slow.NextAsync();
            gotExact |= message.Text("type") == "message" && message.Text("room") == "exact";
        } while (message.Text("type") != "pong");
        Assert.True(gotExact);
    }

    private static async Task<TestClient> OpenSlowAsync(TestHub hub, string room)
    {
        TestClient slow = await hub.OpenAsync(options: new WebSocketConnectionOptions { SendQueueBytes = 250_000 }, pipeBytes: 20_000);
        slow.Connected = await slow.NextAsync("connected");
        await slow.AskAsync("""{"type":"auth","token":"valid-token","username":"slow"}""", "auth-success");
        await slow.JoinAsync(room);
        return slow;
    }
}
