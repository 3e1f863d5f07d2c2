using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

/// <summary>Requests to the ways over HTTP: their statuses, and who may ask at all.</summary>
public sealed class HttpRequestTests
{
    private const string Ping = """{"type":"ping","id":"1"}""";

    [Theory]
    [InlineData("GET", "hub/events", 401, "unauthenticated")]
    [InlineData("GET", "hub/events?token=wrong", 401, "unauthenticated")]
    [InlineData("GET", "hub/poll", 401, "unauthenticated")]
    [InlineData("POST", "hub/send", 401, "unauthenticated")]
    [InlineData("GET", "hub/events?token=valid-token&room=%00", 400, "invalid-format")]
    [InlineData("GET", "hub/poll?token=valid-token&wait=61", 400, "invalid-format")]
    [InlineData("GET", "hub/poll?token=valid-token&wait=-1", 400, "invalid-format")]
    [InlineData("GET", "hub/poll?token=valid-token&after=x", 400, "invalid-format")]
    [InlineData("GET", "hub/poll?token=valid-token&history=x", 400, "invalid-format")]
    [InlineData("GET", "hub/poll?token=valid-token&username=%0a", 400, "invalid-format")]
    [InlineData("POST", "hub/send?session=a.b", 404, "unknown-session")]
    [InlineData("DELETE", "hub/session?session=a.b", 404, "unknown-session")]
    public async Task A_request_that_is_refused_as_a_whole_has_a_status_and_says_why(string method, string target, int status, string code)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await SendAsync(server, method, target, method == "POST" ? Ping : null);
        Assert.Equal(status, (int)response.StatusCode);
        JsonElement error = await ErrorAsync(response);
        Assert.Equal(("error", code), (error.Text("type"), error.Text("code")));
        // The client may have its answer before the server has let go of the request.
        await Eventually.TrueAsync(() => server.Hub.ConnectionCount == 0 && !server.Hub.Sessions.Any());
    }

    [Fact]
    public async Task More_rooms_than_a_request_may_name_are_refused()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        string rooms = string.Concat(Enumerable.Range(0, 17).Select(static number => $"&room=r{number}"));
        using HttpResponseMessage response = await SendAsync(server, "GET", "hub/poll?token=valid-token" + rooms, null);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("nonsense", 400, "invalid-json")]
    [InlineData("[{\"type\":\"ping\"},", 400, "invalid-json")]
    [InlineData("{\"type\":\"ping\"} {}", 400, "invalid-json")]
    [InlineData("", 400, "invalid-json")]
    public async Task A_body_that_is_no_json_is_refused(string body, int status, string code)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await SendAsync(server, "POST", "hub/send?token=valid-token", body);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, (await ErrorAsync(response)).Text("code"));
    }

    [Fact]
    public async Task A_body_too_large_and_messages_too_many_are_refused_with_413()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        string large = $$"""{"type":"ping","x":"{{new string('x', 256 * 1024)}}"}""";
        using HttpResponseMessage first = await SendAsync(server, "POST", "hub/send?token=valid-token", large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, first.StatusCode);
        string many = $"[{string.Join(',', Enumerable.Repeat(Ping, 65))}]";
        using HttpResponseMessage second = await SendAsync(server, "POST", "hub/send?token=valid-token", many);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, second.StatusCode);
        using HttpResponseMessage third = await SendAsync(
            server,
            "POST",
            "hub/send?token=valid-token",
            $"[{string.Join(',', Enumerable.Repeat(Ping, 64))}]"
        );
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Equal(64, (await BodyAsync(third)).GetArrayLength());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonx")]
    public async Task A_body_of_another_type_is_refused_so_that_no_form_of_a_foreign_page_gets_in(string type)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await SendAsync(server, "POST", "hub/send?token=valid-token", Ping, type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "hub/events?token=valid-token", "Origin", "https://evil.example")]
    [InlineData("GET", "hub/poll?token=valid-token", "Origin", "null")]
    [InlineData("GET", "hub/poll?token=valid-token", "Sec-Fetch-Site", "cross-site")]
    [InlineData("GET", "hub/poll?token=valid-token", "Sec-Fetch-Site", "same-site")]
    [InlineData("GET", "hub/poll?token=valid-token", "Host", "evil.example")]
    [InlineData("POST", "hub/send?token=valid-token", "Origin", "https://evil.example")]
    [InlineData("DELETE", "hub/session?session=a.b", "Origin", "https://evil.example")]
    [InlineData("OPTIONS", "hub/send", "Origin", "https://evil.example")]
    public async Task A_foreign_page_gets_nothing_and_may_read_nothing(string method, string target, string header, string value)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await SendAsync(
            server,
            method,
            target,
            method == "POST" ? Ping : null,
            header: (header, value)
        );
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("forbidden", (await ErrorAsync(response)).Text("code"));
        Assert.Empty(server.Hub.Sessions);
    }

    [Theory]
    [InlineData("same-origin")]
    [InlineData("none")]
    public async Task A_page_of_the_hubs_own_may_ask(string site)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage response = await SendAsync(
            server,
            "GET",
            "hub/poll?token=valid-token",
            null,
            header: ("Sec-Fetch-Site", site)
        );
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_a_named_origin_may_ask_and_read_and_its_preflight_is_answered()
    {
        await using WaysServer server = await WaysServer.StartAsync(map: static hub =>
            hub.WithWebSocketOptions(static options => options.Origins = OriginRule.Allow("https://app.example"))
        );
        (string, string) origin = ("Origin", "https://app.example");
        using HttpResponseMessage preflight = await SendAsync(server, "OPTIONS", "hub/send", null, header: origin);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Contains(
            "Longwire-Session",
            Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Headers")),
            StringComparison.Ordinal
        );
        using HttpResponseMessage sent = await SendAsync(server, "POST", "hub/send?token=valid-token", Ping, header: origin);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        foreach (HttpResponseMessage response in (HttpResponseMessage[])[preflight, sent])
        {
            Assert.Equal("https://app.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Equal("true", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Credentials")));
            Assert.Contains("Origin", response.Headers.Vary);
        }
    }

    [Fact]
    public async Task Where_every_page_may_ask_none_may_with_its_visitors_cookies()
    {
        await using WaysServer server = await WaysServer.StartAsync(map: static hub =>
            hub.WithWebSocketOptions(static options => options.Origins = OriginRule.Any)
        );
        using HttpResponseMessage sent = await SendAsync(
            server,
            "POST",
            "hub/send?token=valid-token",
            Ping,
            header: ("Origin", "https://app.example")
        );
        Assert.Equal("https://app.example", Assert.Single(sent.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(sent.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task What_the_application_has_mapped_at_the_same_path_comes_first()
    {
        await using WaysServer server = await WaysServer.StartAsync(use: static application =>
            application.MapGet("/hub/poll", static () => "mine")
        );
        using HttpResponseMessage mine = await SendAsync(server, "GET", "hub/poll", null);
        Assert.Equal("mine", await mine.Content.ReadAsStringAsync());
        using HttpResponseMessage other = await SendAsync(server, "PUT", "hub/events", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
    }

    [Fact]
    public async Task A_full_hub_answers_503_and_a_user_with_too_many_connections_429()
    {
        await using WaysServer server = await WaysServer.StartAsync(static options =>
            (options.MaxConnections, options.MaxConnectionsPerUser) = (2, 1)
        );
        HubWay ann = await server.ConnectAsync(WayIn.LongPolling, "ann");
        using HttpResponseMessage second = await SendAsync(server, "GET", "hub/poll?token=valid-token&username=ann", null);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("Too many connections", (await ErrorAsync(second)).Text("message"));
        Assert.True(second.Headers.Contains("Retry-After"));
        await server.ConnectAsync(WayIn.Events, "bob");
        using HttpResponseMessage third = await SendAsync(server, "GET", "hub/events?token=valid-token&username=eve", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.StatusCode);
        Assert.True(third.Headers.Contains("Retry-After"));
        Assert.Equal(2, server.Hub.ConnectionCount);
    }

    [Fact]
    public async Task Messages_are_dealt_with_in_order_and_each_has_its_entry_in_the_answer()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.LongPolling, "ann");
        using HttpResponseMessage response = await SendAsync(
            server,
            "POST",
            $"hub/send?session={ann.Secret}",
            """
            [{"type":"join-room","room":"tea"},
             {"type":"message","room":"tea","content":1,"id":"a"},
             {"type":"message","room":"tea","content":2},
             {"type":"message","room":"none","content":3,"id":"b"},
             7,
             {"type":"ping","id":"c"}]
            """
        );
        JsonElement answers = await BodyAsync(response);
        Assert.Equal(
            ["", "ack", "", "error", "error", "pong"],
            answers.EnumerateArray().Select(static answer => answer.ValueKind == JsonValueKind.Null ? "" : answer.Text("type"))
        );
        Assert.Equal("b", answers[3].Text("id"));
        Assert.Equal("invalid-format", answers[4].Text("code"));
        await ann.UntilAsync("joined-room");
        Assert.Equal(1, (await ann.UntilAsync("message")).GetProperty("message").GetInt32());
        Assert.Equal(2, (await ann.UntilAsync("message")).GetProperty("message").GetInt32());
    }

    [Fact]
    public async Task When_all_messages_come_too_fast_the_status_says_so_and_the_session_lives()
    {
        await using WaysServer server = await WaysServer.StartAsync(static options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 3 }
        );
        HubWay ann = await server.ConnectAsync(WayIn.LongPolling, "ann");
        using HttpResponseMessage some = await SendAsync(
            server,
            "POST",
            $"hub/send?session={ann.Secret}",
            $"[{Ping},{Ping},{Ping},{Ping}]"
        );
        Assert.Equal(HttpStatusCode.OK, some.StatusCode);
        Assert.Equal("rate-limited", (await BodyAsync(some))[3].Text("code"));
        using HttpResponseMessage all = await SendAsync(server, "POST", $"hub/send?session={ann.Secret}", Ping);
        Assert.Equal(HttpStatusCode.TooManyRequests, all.StatusCode);
        Assert.Equal("1", (await BodyAsync(all))[0].Text("id"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        using HttpResponseMessage later = await SendAsync(server, "POST", $"hub/send?session={ann.Secret}", Ping);
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task With_a_token_alone_one_request_joins_and_writes_and_nothing_of_it_stays()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await bob.JoinAsync("tea");
        const string message = """{"type":"message","room":"tea","content":"hello","id":"1"}""";
        using HttpResponseMessage sent = await SendAsync(
            server,
            "POST",
            "hub/send?token=valid-token&username=ann&room=tea&producer=mine",
            message
        );
        Assert.Equal("ack", (await BodyAsync(sent))[0].Text("type"));
        Assert.Equal("ann", (await bob.UntilAsync("message")).Text("userId"));
        Assert.Equal("ann", (await bob.UntilAsync("user-left")).Text("userId"));
        using HttpResponseMessage again = await SendAsync(
            server,
            "POST",
            "hub/send?token=valid-token&username=ann&room=tea&producer=mine",
            message
        );
        Assert.True((await BodyAsync(again))[0].GetProperty("repeated").GetBoolean());
        await Eventually.TrueAsync(() => server.Hub.Sessions.Count() == 1 && server.Hub.ConnectionCount == 1);
    }

    [Fact]
    public async Task A_room_that_one_request_may_not_join_refuses_all_of_it()
    {
        await using WaysServer server = await WaysServer.StartAsync(map: static hub =>
            hub.MapRoom("closed").OnJoin(static (JoinRequest join) => join.Refuse("Closed today"))
        );
        using HttpResponseMessage response = await SendAsync(server, "POST", "hub/send?token=valid-token&room=closed", Ping);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("Closed today", (await ErrorAsync(response)).Text("message"));
    }

    [Fact]
    public async Task Two_requests_of_one_session_never_take_each_others_messages()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage begin = await SendAsync(server, "GET", "hub/poll?token=valid-token&username=ann", null);
        JsonElement first = await BodyAsync(begin);
        string session = first.GetProperty("messages")[0].Text("session");
        Task<HttpResponseMessage> waiting = SendAsync(server, "GET", $"hub/poll?session={session}&after=1", null);
        // The second one ends the first, which has nothing.
        Task<HttpResponseMessage> second = SendAsync(server, "GET", $"hub/poll?session={session}&after=1", null);
        Task<HttpResponseMessage> ended = await Task.WhenAny(waiting, second).WaitAsync(HubWay.Patience);
        Assert.Equal(0, (await BodyAsync(await ended)).GetProperty("messages").GetArrayLength());
        await server.Hub.SendToUserAsync("ann", """{"type":"hello"}"""u8.ToArray());
        JsonElement answer = await BodyAsync(await (ended == waiting ? second : waiting));
        Assert.Equal("hello", Assert.Single(answer.GetProperty("messages").EnumerateArray()).Text("type"));
        Assert.Equal(2, answer.Number("n"));
    }

    [Fact]
    public async Task An_answer_comes_again_until_the_next_request_says_that_it_has_come()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        using HttpResponseMessage begin = await SendAsync(server, "GET", "hub/poll?token=valid-token&username=ann", null);
        string session = (await BodyAsync(begin)).GetProperty("messages")[0].Text("session");
        await server.Hub.SendToUserAsync("ann", """{"type":"one"}"""u8.ToArray());
        string first = await TextAsync($"hub/poll?session={session}&after=1");
        await server.Hub.SendToUserAsync("ann", """{"type":"two"}"""u8.ToArray());
        Assert.Equal(first, await TextAsync($"hub/poll?session={session}&after=1"));
        Assert.Equal(first, await TextAsync($"hub/poll?session={session}&after=1&wait=0"));
        string next = await TextAsync($"hub/poll?session={session}&after=2");
        Assert.Contains("\"two\"", next, StringComparison.Ordinal);
        Assert.DoesNotContain("\"one\"", next, StringComparison.Ordinal);

        async Task<string> TextAsync(string target)
        {
            using HttpResponseMessage response = await SendAsync(server, "GET", target, null);
            return await response.Content.ReadAsStringAsync();
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        WaysServer server,
        string method,
        string target,
        string? body,
        string type = "application/json",
        (string Name, string Value)? header = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new(type);
        }

        if (header is { } given)
        {
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        return await server.Http.SendAsync(request);
    }

    private static Task<JsonElement> ErrorAsync(HttpResponseMessage response) => BodyAsync(response);

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
