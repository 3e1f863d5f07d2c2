using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>Requests over HTTP that come at another node than their session's: no balancer has to send a client to the same one.</summary>
public sealed class AnyNodeTests
{
    [Theory]
    [InlineData(WayIn.LongPolling)]
    [InlineData(WayIn.Polling)]
    public async Task Who_polls_and_sends_now_here_now_there_is_one_session_and_gets_all_in_order(WayIn way)
    {
        await using Nodes nodes = await Nodes.StartAsync();
        nodes.One.ShareWith(nodes.Two);
        HubWay ann = await nodes.One.ConnectAsync(way, "ann");
        HubWay bob = await nodes.Two.ConnectAsync(WayIn.WebSocket, "bob");
        await ann.JoinAsync("tea");
        await bob.JoinAsync("tea");
        for (int number = 1; number <= 30; number++)
        {
            HubWay who = number % 2 == 0 ? ann : bob;
            await who.SendAsync($$"""{"type":"message","room":"tea","content":{{number}},"id":"m{{number}}"}""");
            Assert.Equal(number, (await who.UntilAsync("ack")).Number("offset"));
        }

        for (int number = 1; number <= 30; number++)
        {
            Assert.Equal(number, (await ann.UntilAsync("message")).GetProperty("message").GetInt32());
            Assert.Equal(number, (await bob.UntilAsync("message")).GetProperty("message").GetInt32());
        }

        HubSession session = Assert.Single(nodes.Sessions, session => session.Identity?.UserId == "ann");
        Assert.Equal(ann.ClientId, session.ClientId);
        Assert.False(await ann.HasHeardAsync("connected"));
        await ann.CloseAsync();
        await Eventually.TrueAsync(() => nodes.Sessions.All(static session => session.Identity?.UserId != "ann"));
        Assert.Equal("ann", (await bob.UntilAsync("user-left")).Text("userId"));
    }

    [Theory]
    [InlineData(WayIn.Events)]
    [InlineData(WayIn.WebSocket)]
    public async Task Who_is_told_by_one_node_may_send_to_another(WayIn way)
    {
        await using Nodes nodes = await Nodes.StartAsync();
        HubWay ann = await nodes.One.ConnectAsync(way, "ann");
        await ann.JoinAsync("tea");
        (HttpStatusCode status, string body) = await nodes.Two.PostAsync(
            ann.Secret!,
            """[{"type":"message","room":"tea","content":"hello","id":"m1"},{"type":"message","room":"none","content":1,"id":"m2"}]"""
        );
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement answers = JsonElement.Parse(body);
        Assert.Equal(("ack", 1), (answers[0].Text("type"), answers[0].Number("offset")));
        Assert.Equal(("unknown-room", "m2"), (answers[1].Text("code"), answers[1].Text("id")));
        Assert.Equal("hello", (await ann.UntilAsync("message")).Text("message"));
        Assert.Equal(HttpStatusCode.NoContent, (await nodes.Two.RequestAsync(HttpMethod.Delete, "hub/session", ann.Secret!)).Status);
        await Eventually.TrueAsync(() => !nodes.Sessions.Any());
    }

    [Fact]
    public async Task A_wrong_secret_is_an_unknown_session_on_every_node()
    {
        await using Nodes nodes = await Nodes.StartAsync();
        HubWay ann = await nodes.One.ConnectAsync(WayIn.Events, "ann");
        string secret = ann.ClientId + ".AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        foreach (WaysServer node in (WaysServer[])[nodes.One, nodes.Two])
        {
            (HttpStatusCode status, string body) = await node.PostAsync(secret, """{"type":"ping"}""");
            Assert.Equal((HttpStatusCode.NotFound, "unknown-session"), (status, JsonElement.Parse(body).Text("code")));
            Assert.Equal(HttpStatusCode.NotFound, (await node.RequestAsync(HttpMethod.Delete, "hub/session", secret)).Status);
        }
    }

    [Fact]
    public async Task Too_much_and_too_fast_is_answered_as_where_the_session_is()
    {
        await using Nodes nodes = await Nodes.StartAsync(static options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 0.001, Burst = 1 }
        );
        HubWay ann = await nodes.One.ConnectAsync(WayIn.Events, "ann");
        await nodes.Two.PostAsync(ann.Secret!, """{"type":"presence","room":"tea"}""");
        (HttpStatusCode status, string body) = await nodes.Two.PostAsync(ann.Secret!, """{"type":"presence","room":"tea","id":"p"}""");
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate-limited"), (status, JsonElement.Parse(body)[0].Text("code")));
    }

    [Fact]
    public async Task While_the_store_is_away_it_is_to_be_tried_later()
    {
        await using Nodes nodes = await Nodes.StartAsync();
        HubWay ann = await nodes.One.ConnectAsync(WayIn.LongPolling, "ann");
        nodes.LinkOfTwo.Cut();
        (HttpStatusCode status, string body) = await nodes.Two.PostAsync(ann.Secret!, """{"type":"ping"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (status, JsonElement.Parse(body).Text("code")));
        (status, body) = await nodes.Two.RequestAsync(HttpMethod.Get, "hub/poll?wait=0&after=1", ann.Secret!);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (status, JsonElement.Parse(body).Text("code")));
    }

    [Fact]
    public async Task Who_polls_goes_on_at_another_node_when_its_own_is_gone_and_recovers()
    {
        await using Nodes nodes = await Nodes.StartAsync();
        HubWay bob = await nodes.Two.ConnectAsync(WayIn.WebSocket, "bob");
        await bob.JoinAsync("tea");
        (HttpStatusCode _, string body) = await nodes.One.RequestAsync(HttpMethod.Get, "hub/poll?room=tea&username=ann", secret: null);
        JsonElement first = JsonElement.Parse(body);
        string secret = first.GetProperty("messages")[0].Text("session");
        await bob.UntilAsync("user-joined");
        nodes.LinkOfOne.Cut();
        await bob.SendAsync("""{"type":"message","room":"tea","content":"missed","id":"1"}""");
        await bob.UntilAsync("ack");
        string last = Uri.EscapeDataString(first.Text("id"));
        (HttpStatusCode status, body) = await nodes.Two.RequestAsync(HttpMethod.Get, $"hub/poll?room=tea&after=1&last={last}", secret);
        Assert.Equal(HttpStatusCode.OK, status);
        List<JsonElement> messages = [.. JsonElement.Parse(body).GetProperty("messages").EnumerateArray()];
        Assert.True(messages[0].GetProperty("resumed").GetBoolean());
        if (messages.Count == 1)
        {
            (_, body) = await nodes.Two.RequestAsync(HttpMethod.Get, $"hub/poll?room=tea&after=2&last={last}", secret);
            messages.AddRange(JsonElement.Parse(body).GetProperty("messages").EnumerateArray());
        }

        JsonElement joined = messages.First(static message => message.Text("type") == "joined-room");
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal("missed", joined.GetProperty("messages")[0].Text("message"));
        Assert.False(await bob.HasHeardAsync("user-left"));
        // The node that it left finds it where it is.
        nodes.LinkOfOne.Heal();
        await Eventually.TrueAsync(() => nodes.One.Hub.ConnectionCount == 0);
        (status, body) = await nodes.One.PostAsync(secret, """{"type":"ping","id":"p"}""");
        Assert.Equal((HttpStatusCode.OK, "pong"), (status, JsonElement.Parse(body)[0].Text("type")));
    }

    [Fact]
    public async Task Who_polls_goes_on_at_another_node_when_its_own_does_not_answer()
    {
        // The clock is turned until something happens, however far.
        await using Nodes nodes = await Nodes.StartAsync(static options => options.Http.PollTimeout = TimeSpan.FromDays(1_000));
        HubWay ann = await nodes.One.ConnectAsync(WayIn.Events, "ann");
        nodes.LinkOfOne.Freeze();
        Task<(HttpStatusCode Status, string Body)> polling = nodes.Two.RequestAsync(HttpMethod.Get, "hub/poll?wait=0", ann.Secret!);
        await Eventually.TrueAsync(() =>
        {
            nodes.Two.Time.Advance(TimeSpan.FromSeconds(1));
            return polling.IsCompleted;
        });
        Assert.True(JsonElement.Parse((await polling).Body).GetProperty("messages")[0].GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task What_is_sent_to_a_node_that_does_not_answer_is_to_be_sent_again()
    {
        await using Nodes nodes = await Nodes.StartAsync();
        HubWay ann = await nodes.One.ConnectAsync(WayIn.Events, "ann");
        nodes.LinkOfOne.Freeze();
        Task<(HttpStatusCode Status, string Body)> sending = nodes.Two.PostAsync(ann.Secret!, """{"type":"ping"}""");
        await Eventually.TrueAsync(() =>
        {
            nodes.Two.Time.Advance(TimeSpan.FromSeconds(1));
            return sending.IsCompleted;
        });
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "unavailable"),
            ((await sending).Status, JsonElement.Parse((await sending).Body).Text("code"))
        );
    }

    private sealed class Nodes : IAsyncDisposable
    {
        public required WaysServer One { get; init; }

        public required WaysServer Two { get; init; }

        public required MemoryHubEngine LinkOfOne { get; init; }

        public required MemoryHubEngine LinkOfTwo { get; init; }

        public IEnumerable<HubSession> Sessions => One.Hub.Sessions.Concat(Two.Hub.Sessions);

        public static async Task<Nodes> StartAsync(Action<LongwireHubOptions>? configure = null)
        {
            var store = new MemoryHubStore(new HubTestClock());
            MemoryHubEngine[] links = [new(store), new(store)];
            return new Nodes
            {
                One = await StartAsync("one", links[0], configure),
                Two = await StartAsync("two", links[1], configure),
                LinkOfOne = links[0],
                LinkOfTwo = links[1],
            };
        }

        public async ValueTask DisposeAsync()
        {
            LinkOfOne.Heal();
            LinkOfTwo.Heal();
            await One.DisposeAsync();
            await Two.DisposeAsync();
        }

        private static Task<WaysServer> StartAsync(string name, MemoryHubEngine engine, Action<LongwireHubOptions>? configure) =>
            WaysServer.StartAsync(
                options =>
                {
                    options.Node = name;
                    configure?.Invoke(options);
                },
                build: builder => builder.Services.AddSingleton<IHubEngine>(engine)
            );
    }
}

file static class Requests
{
    public static Task<(HttpStatusCode Status, string Body)> PostAsync(this WaysServer node, string secret, string json) =>
        node.RequestAsync(HttpMethod.Post, "hub/send", secret, json);

    public static async Task<(HttpStatusCode Status, string Body)> RequestAsync(
        this WaysServer node,
        HttpMethod method,
        string target,
        string? secret,
        string? json = null
    )
    {
        using var client = new HttpClient { BaseAddress = node.Address, Timeout = HubWay.Patience };
        using var request = new HttpRequestMessage(method, target);
        if (secret is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "valid-token");
        }
        else
        {
            request.Headers.Add("Longwire-Session", secret);
        }

        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
