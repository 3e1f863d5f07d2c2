using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Another server publishes by its API key.</summary>
public sealed class PublishTests
{
    private const string Orders = "a key of 32 random bytes: orders";
    private const string Notices = "a key of 32 random bytes: notices";

    [Fact]
    public async Task A_message_reaches_the_room_in_its_order_and_the_answer_says_where_it_is()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.Events, "ann");
        await ann.JoinAsync("orders:7");
        JsonElement answer = await PublishAsync(server, Orders, """{"room":"orders:7","content":{"status":"sent"}}""");
        JsonElement message = await ann.UntilAsync("message");
        Assert.Equal(("orders:7", 1), (answer.Text("room"), answer.Number("offset")));
        Assert.Equal(
            (answer.Text("epoch"), answer.Number("offset"), answer.Text("tag")),
            (message.Text("epoch"), message.Number("offset"), message.Text("tag"))
        );
        Assert.Equal(("server", "sent"), (message.Text("userId"), message.GetProperty("message").Text("status")));
        await PublishAsync(
            server,
            Orders,
            """{"room":"orders:7","type":"order-changed","content":{"status":"late"},"sender":{"userId":"bob"}}"""
        );
        JsonElement changed = await ann.UntilAsync("order-changed");
        Assert.Equal(("late", "bob", 2), (changed.Text("status"), changed.Text("userId"), changed.Number("offset")));
        await PublishAsync(server, Orders, """{"room":"orders:7","binary":"AAH/"}""");
        Assert.Equal([0, 1, 255], (await ann.UntilAsync("message")).GetProperty("binary").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_notification_reaches_a_user_or_everyone()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        HubWay bob = await server.ConnectAsync(WayIn.LongPolling, "bob");
        await PublishAsync(server, Notices, """{"user":"ann","type":"notification","content":{"title":"Sent","message":"Soon"}}""");
        Assert.Equal("Sent", (await ann.UntilAsync("notification")).Text("title"));
        await PublishAsync(
            server,
            Notices,
            """{"all":true,"type":"notification","content":{"title":"Pause","message":"At 9","priority":"low"}}"""
        );
        Assert.Equal("low", (await ann.UntilAsync("notification")).Text("priority"));
        Assert.Equal("Pause", (await bob.UntilAsync("notification")).Text("title"));
    }

    [Fact]
    public async Task Sent_again_with_its_idempotency_key_it_is_published_once_and_other_content_is_a_conflict()
    {
        await using WaysServer server = await StartAsync();
        const string body = """{"room":"orders:7","content":1}""";
        JsonElement first = await PublishAsync(server, Orders, body, id: "x");
        JsonElement again = await PublishAsync(server, Orders, body, id: "x");
        Assert.True(again.GetProperty("repeated").GetBoolean());
        Assert.Equal(first.Number("offset"), again.Number("offset"));
        JsonElement other = await PublishAsync(
            server,
            Orders,
            """{"room":"orders:7","content":2}""",
            id: "x",
            status: HttpStatusCode.Conflict
        );
        Assert.Equal("id-reused", other.Text("code"));
        JsonElement next = await PublishAsync(server, Orders, body);
        Assert.Equal(2, next.Number("offset"));
    }

    [Fact]
    public async Task An_older_version_is_a_conflict()
    {
        await using WaysServer server = await StartAsync();
        await PublishAsync(server, Orders, """{"room":"orders:7","content":1,"key":"k","version":5}""");
        JsonElement older = await PublishAsync(
            server,
            Orders,
            """{"room":"orders:7","content":1,"key":"k","version":4}""",
            status: HttpStatusCode.Conflict
        );
        Assert.Equal("stale", older.Text("code"));
    }

    [Theory]
    [InlineData(null, """{"room":"orders:7","content":1}""", 401, "unauthenticated")]
    [InlineData("wrong", """{"room":"orders:7","content":1}""", 401, "unauthenticated")]
    [InlineData(Orders, """{"room":"tea","content":1}""", 403, "forbidden")]
    [InlineData(Orders, """{"user":"ann","content":1}""", 403, "forbidden")]
    [InlineData(Orders, """{"all":true,"content":1}""", 403, "forbidden")]
    [InlineData(Notices, """{"room":"orders:7","content":1}""", 403, "forbidden")]
    [InlineData(Orders, """{"room":"$all","content":1}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7"}""", 400, "invalid-format")]
    [InlineData(Orders, """{"content":1}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","user":"ann","content":1}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":7,"content":1}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","type":"connected","content":{}}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","type":"mine","content":1}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","binary":"?"}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","content":"\ud800"}""", 400, "invalid-format")]
    [InlineData(Orders, """{"room":"orders:7","type":"notification","content":{"title":"x"}}""", 400, "invalid-format")]
    [InlineData(Orders, "nonsense", 400, "invalid-json")]
    public async Task A_publication_that_is_refused_says_why_and_publishes_nothing(string? key, string body, int status, string code)
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        JsonElement joined = await ann.JoinAsync("orders:7");
        Assert.Equal(code, (await PublishAsync(server, key, body, status: (HttpStatusCode)status)).Text("code"));
        Assert.Equal(joined.Number("offset"), (await ann.JoinAsync("orders:7")).Number("offset"));
    }

    [Fact]
    public async Task Content_over_64_KiB_and_a_body_of_another_type_are_refused()
    {
        await using WaysServer server = await StartAsync();
        string large = $$"""{"room":"orders:7","content":"{{new string('x', 64 * 1024)}}"}""";
        Assert.Equal("too-large", (await PublishAsync(server, Orders, large, status: HttpStatusCode.RequestEntityTooLarge)).Text("code"));
        await PublishAsync(server, Orders, "{}", status: HttpStatusCode.UnsupportedMediaType, type: "text/plain");
    }

    [Fact]
    public async Task Each_key_has_a_rate_of_its_own()
    {
        await using WaysServer server = await StartAsync();
        const string body = """{"all":true,"type":"notification","content":{"title":"a","message":"b"}}""";
        await PublishAsync(server, Notices, body);
        await PublishAsync(server, Notices, body);
        using HttpResponseMessage refused = await SendAsync(server, Notices, body);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("2", Assert.Single(refused.Headers.GetValues("Retry-After")));
        await PublishAsync(server, Orders, """{"room":"orders:7","content":1}""");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await PublishAsync(server, Notices, body);
    }

    [Theory]
    [InlineData("", "0", "has no Name")]
    [InlineData("a", "12", "no SHA-256")]
    public void A_key_without_a_name_or_a_hash_fails_at_the_start(string name, string hash, string words)
    {
        var options = new LongwireHubOptions { ApiKeys = [new HubApiKey { Name = name, Hash = hash }] };
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => new Hub(options)).Message, StringComparison.Ordinal);
    }

    private static Task<WaysServer> StartAsync() =>
        WaysServer.StartAsync(static options =>
            options.ApiKeys = [
                new HubApiKey
                {
                    Name = "shop",
                    Hash = HubApiKey.HashOf(Orders),
                    Rooms = ["orders:*"],
                },
                new HubApiKey
                {
                    Name = "notices",
                    Hash = HubApiKey.HashOf(Notices).ToUpper(CultureInfo.InvariantCulture),
                    Users = true,
                    All = true,
                    Rate = new RateLimitOptions { MessagesPerSecond = 0.5, Burst = 2 },
                },
            ]
        );

    private static async Task<JsonElement> PublishAsync(
        WaysServer server,
        string? key,
        string body,
        string? id = null,
        HttpStatusCode status = HttpStatusCode.OK,
        string type = "application/json"
    )
    {
        using HttpResponseMessage response = await SendAsync(server, key, body, id, type);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {answer}");
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.Clone();
    }

    private static async Task<HttpResponseMessage> SendAsync(
        WaysServer server,
        string? key,
        string body,
        string? id = null,
        string type = "application/json"
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "hub/publish") { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new(type);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        if (id is not null)
        {
            request.Headers.Add("Idempotency-Key", id);
        }

        return await server.Http.SendAsync(request);
    }
}
