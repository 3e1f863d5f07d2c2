using System.Net;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Server-sent events, as they are on the wire.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task The_first_event_is_connected_and_the_rooms_of_the_address_are_joined()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await OpenAsync(server, "hub/events?room=tea&room=a%20b&username=ann", token: "valid-token");
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("event: connected", await reader.ReadLineAsync());
        string id = (await reader.ReadLineAsync())!;
        JsonElement connected = Data(await reader.ReadLineAsync());
        Assert.Equal($"id: {connected.Text("session")}", id);
        Assert.Equal("ann", connected.Text("userId"));
        Assert.Equal("", await reader.ReadLineAsync());
        string[] rooms = [await JoinedAsync(), await JoinedAsync()];
        Assert.Equal(["a b", "tea"], rooms.Order());

        async Task<string> JoinedAsync()
        {
            string line = (await reader.ReadLineAsync())!;
            Assert.StartsWith("id: ", line);
            JsonElement joined = Data(await reader.ReadLineAsync());
            Assert.Contains(
                $" {Uri.EscapeDataString(joined.Text("room"))}@{joined.Text("epoch")}@{joined.Number("offset")}@{joined.Text("tag")}",
                line,
                StringComparison.Ordinal
            );
            Assert.Equal("", await reader.ReadLineAsync());
            return joined.Text("room");
        }
    }

    [Fact]
    public async Task With_the_last_id_alone_a_browser_is_back_in_its_session_and_its_rooms_and_has_missed_nothing()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        var events = new EventReader(await OpenAsync(server, "hub/events?room=tea&username=ann", token: "valid-token"));
        JsonElement connected = await events.NextAsync("connected");
        await events.NextAsync("joined-room");
        await server.Hub.PublishAsync("tea", "1"u8.ToArray());
        await events.NextAsync("message");
        events.Dispose();
        await server.Hub.PublishAsync("tea", "2"u8.ToArray());
        await server.Hub.PublishAsync("tea", "3"u8.ToArray());

        using var again = new EventReader(await OpenAsync(server, "hub/events?room=tea", lastId: events.LastId));
        JsonElement resumed = await again.NextAsync("connected");
        Assert.True(resumed.GetProperty("resumed").GetBoolean());
        Assert.Equal(connected.Text("session"), resumed.Text("session"));
        JsonElement joined = await again.NextAsync("joined-room");
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal(
            [2, 3],
            joined.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("message").GetInt32())
        );
    }

    [Fact]
    public async Task An_id_that_is_none_of_ours_is_as_if_there_were_none()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        foreach (string id in (string[])["4711", "a.b tea@x@y@z", new string('x', 9_000)])
        {
            using var events = new EventReader(
                await OpenAsync(server, "hub/events?room=tea&username=ann", token: "valid-token", lastId: id)
            );
            Assert.False((await events.NextAsync("connected")).GetProperty("resumed").GetBoolean());
            await events.NextAsync("joined-room");
        }
    }

    [Fact]
    public async Task Line_ends_between_the_parts_of_what_a_client_sent_do_not_end_an_event()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using var events = new EventReader(await OpenAsync(server, "hub/events?room=tea&username=ann", token: "valid-token"));
        await events.NextAsync("joined-room");
        await server.Hub.PublishAsync("tea", "[1,\n2,\r\n3,\r\"a\\nb\"]"u8.ToArray());
        JsonElement content = (await events.NextAsync("message")).GetProperty("message");
        Assert.Equal((4, "a\nb"), (content.GetArrayLength(), content[3].GetString()));
    }

    [Fact]
    public async Task When_nothing_is_said_a_comment_says_that_it_is_alive()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await OpenAsync(server, "hub/events?username=ann", token: "valid-token");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() != "") { }

        Task<string?> next = reader.ReadLineAsync();
        server.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(":", await next.WaitAsync(HubWay.Patience));
    }

    [Fact]
    public async Task One_that_does_not_read_is_closed_as_too_slow_and_recovers_while_the_others_notice_nothing()
    {
        await using WaysServer server = await WaysServer.StartAsync(static options => options.Http.OutboxBytes = 64 * 1024);
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await bob.JoinAsync("tea");
        HttpResponseMessage unread = await OpenAsync(server, "hub/events?room=tea&username=ann", token: "valid-token");
        byte[] large = Encoding.UTF8.GetBytes($"\"{new string('x', 60_000)}\"");
        HubSession? Ann() => server.Hub.Sessions.FirstOrDefault(static session => session.Identity?.UserId == "ann");
        await Eventually.TrueAsync(() => Ann()?.Rooms.Count == 1);
        int said = 0;
        // The other one reads as fast as the room is told, however slow the machine is.
        while (Ann()!.Link is { IsOpen: true })
        {
            await server.Hub.PublishAsync("tea", large);
            Assert.Equal(++said, (await bob.UntilAsync("message")).Number("offset"));
        }

        // All that had come so far is read, then that it was too slow.
        using var events = new EventReader(unread);
        JsonElement joined = await events.NextAsync("joined-room");
        List<long> offsets = [];
        while (await events.NextOrCloseAsync() is { } message)
        {
            offsets.Add(message.Number("offset"));
        }

        Assert.Equal(4008, events.CloseCode);
        Assert.Equal(Enumerable.Range(1, offsets.Count).Select(static number => (long)number), offsets);
        Assert.True(offsets.Count < said);
        using var again = new EventReader(await OpenAsync(server, "hub/events?room=tea", lastId: events.LastId));
        joined = await again.NextAsync("joined-room");
        Assert.Equal(said, joined.Number("offset"));
    }

    internal static async Task<HttpResponseMessage> OpenAsync(WaysServer server, string target, string? token = null, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    private static JsonElement Data(string? line)
    {
        Assert.StartsWith("data: ", line);
        using var document = JsonDocument.Parse(line!["data: ".Length..]);
        return document.RootElement.Clone();
    }

    private sealed class EventReader(HttpResponseMessage response) : IDisposable
    {
        private IAsyncEnumerator<System.Net.ServerSentEvents.SseItem<string>>? _items;

        public string LastId { get; private set; } = "";

        public long CloseCode { get; private set; }

        public async Task<JsonElement> NextAsync(string type)
        {
            while (true)
            {
                JsonElement? message = await NextOrCloseAsync();
                Assert.True(message is not null, $"It closed with {CloseCode} before a {type} came.");
                if (message.Value.Text("type") == type)
                {
                    return message.Value;
                }
            }
        }

        public async Task<JsonElement?> NextOrCloseAsync()
        {
            _items ??= System
                .Net.ServerSentEvents.SseParser.Create(await response.Content.ReadAsStreamAsync())
                .EnumerateAsync()
                .GetAsyncEnumerator();
            Assert.True(await _items.MoveNextAsync().AsTask().WaitAsync(HubWay.Patience));
            LastId = _items.Current.EventId ?? LastId;
            using var document = JsonDocument.Parse(_items.Current.Data);
            if (_items.Current.EventType != "close")
            {
                return document.RootElement.Clone();
            }

            CloseCode = document.RootElement.Number("code");
            return null;
        }

        public void Dispose() => response.Dispose();
    }
}
