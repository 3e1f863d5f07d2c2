using System.Text;
using System.Text.Json;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

/// <summary>Bytes are published as text is, and are bytes on the wire.</summary>
public sealed class BinaryTests
{
    private static readonly byte[] _bytes = [0, 1, 0xff, (byte)'{'];

    [Fact]
    public async Task Bytes_are_published_to_all_members_in_the_rooms_order()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await JoinAsync(host, "ann");
        HubTestClient bob = await JoinAsync(host, "bob");
        await ann.PublishAsync("files", new Say("first"));
        ann.Send(Message("files", "m1", _bytes), isBinary: true);
        ann.Send(Message("files", "m1", _bytes), isBinary: true);
        await ann.PublishAsync("files", new Say("third"));
        foreach (HubTestClient client in (HubTestClient[])[ann, bob])
        {
            ReceivedBytes received = Assert.Single(client.ReceivedBytes);
            Assert.Equal(("files", "ann", 2), (received.Room, received.UserId, received.Offset));
            Assert.Equal(_bytes, received.Payload);
        }

        Assert.Equal(
            [1, 3],
            bob.Received.Where(static message => message.Type == "message").Select(static message => message.Offset!.Value)
        );
        string[] acks = [.. ann.Received.Where(static message => message.Type == "ack").Select(static message => message.ToString())];
        Assert.Contains(acks, static ack => ack.Contains("\"id\":\"m1\",\"room\":\"files\",\"offset\":2}", StringComparison.Ordinal));
        Assert.Contains(acks, static ack => ack.Contains("\"offset\":2,\"repeated\":true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task History_and_recovery_have_them_in_base64()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await JoinAsync(host, "ann");
        HubTestClient bob = await JoinAsync(host, "bob");
        bob.Cut();
        ann.Send(Message("files", "m1", _bytes), isBinary: true);
        await bob.ReturnAsync();
        JoinedRoom joined = await bob.JoinAsync("files");
        Assert.True(joined.Recovered);
        JsonElement missed = Assert.Single(joined.Messages).Json;
        Assert.Equal(_bytes, missed.GetProperty("binary").GetBytesFromBase64());
        Assert.False(missed.TryGetProperty("message", out _));
    }

    [Theory]
    [InlineData("files", "too-large", 65 * 1024)]
    [InlineData("closed", "read-only", 1)]
    [InlineData("elsewhere", "unknown-room", 1)]
    [InlineData("$all", "forbidden", 1)]
    public async Task What_may_not_be_said_as_text_may_not_be_said_as_bytes(string room, string code, int length)
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await JoinAsync(host, "ann");
        await ann.JoinAsync("closed");
        ann.Send(Message(room, "m1", new byte[length]), isBinary: true);
        Assert.Contains(ann.Received, message => message.Type == "error" && message.Json.GetProperty("code").GetString() == code);
        Assert.Empty(ann.ReceivedBytes);
    }

    [Fact]
    public async Task Bytes_that_come_too_fast_are_refused_by_their_id_and_a_text_behind_them_waits()
    {
        await using HubTestHost host = await StartAsync(options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 2, Burst = 2 }
        );
        HubTestClient ann = await JoinAsync(host, "ann");
        ann.Send(Message("files", "m1", _bytes), isBinary: true);
        ann.Send(Message("files", "m2", _bytes), isBinary: true);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        ann.Send("""{"type":"message","room":"files","content":3,"id":"m3","afterId":"m2"}"""u8.ToArray(), isBinary: false);
        ann.Send(Message("files", "m2", _bytes), isBinary: true);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        ann.Send("""{"type":"message","room":"files","content":3,"id":"m3","afterId":"m2"}"""u8.ToArray(), isBinary: false);
        Assert.Equal(
            ["ack m1", "rate-limited m2", "unavailable m3", "ack m2", "ack m3"],
            ann.Received.Where(static message => message.Type is "ack" or "error")
                .Select(static message =>
                    $"{(message.Type == "ack" ? "ack" : message.Json.GetProperty("code").GetString())} {message.Json.GetProperty("id").GetString()}"
                )
        );
    }

    private static Task<HubTestHost> StartAsync(Action<LongwireHubOptions>? options = null) =>
        HubTestHost.StartAsync(
            static hub =>
            {
                hub.MapRoom("files").WithHistory(10, TimeSpan.FromHours(1));
                hub.MapRoom("closed").ReadOnly();
            },
            options: options
        );

    private static async Task<HubTestClient> JoinAsync(HubTestHost host, string user)
    {
        HubTestClient client = await host.ConnectAsync(user);
        await client.JoinAsync("files");
        return client;
    }

    private static byte[] Message(string room, string id, byte[] payload) =>
        [1, (byte)room.Length, .. Encoding.UTF8.GetBytes(room), (byte)id.Length, .. Encoding.UTF8.GetBytes(id), .. payload];
}
