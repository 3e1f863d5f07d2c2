namespace Longwire.AspNetCore.Tests;

/// <summary>Each refused handshake is a line in the log that says where, from whom and why.</summary>
public abstract class HandshakeLogTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : HandshakeLogTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : HandshakeLogTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : HandshakeLogTests(ServerTransport.IoUring);

    private const int Refused = 2;
    private const int LeftOut = 3;
    private const string Category = "Longwire.AspNetCore.Handshake";

    [Fact]
    public async Task The_line_names_path_origin_and_reason_and_keeps_the_query_secret()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        await RawClient.AskAsync(server, new HandshakeRequest { Path = "/echo?token=secret" }.With("Origin", "https://evil.example"));
        string line = Assert.Single(LinesOf(server));
        Assert.Contains("/echo", line, StringComparison.Ordinal);
        Assert.Contains("https://evil.example", line, StringComparison.Ordinal);
        Assert.Contains("403", line, StringComparison.Ordinal);
        Assert.Contains("Origin not allowed", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("Upgrade", null, "Upgrade: websocket")]
    [InlineData("Sec-WebSocket-Version", "12", "version 13")]
    [InlineData("Sec-WebSocket-Key", "x", "Sec-WebSocket-Key")]
    public async Task Each_rule_has_its_reason(string header, string? value, string reason)
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        await RawClient.AskAsync(server, new HandshakeRequest().With(header, value));
        Assert.Contains(reason, Assert.Single(LinesOf(server)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConnectionLimitAnswer.ServiceUnavailable)]
    [InlineData(ConnectionLimitAnswer.TryAgainLater)]
    public async Task A_connection_over_the_limit_is_logged_however_it_is_refused(ConnectionLimitAnswer answer)
    {
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint =>
                {
                    endpoint.MaxConnections = 0;
                    endpoint.ConnectionLimitAnswer = answer;
                }
            )
        );
        await RawClient.AskAsync(server, new HandshakeRequest());
        Assert.Contains("Too many connections", Assert.Single(LinesOf(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_application_itself_refuses_is_logged_with_its_status()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint =>
                    endpoint.CreateUserState = static context =>
                    {
                        context.Response.StatusCode = 402;
                        return ValueTask.FromResult<object?>(null);
                    }
            )
        );
        await RawClient.AskAsync(server, new HandshakeRequest());
        Assert.Contains("402", Assert.Single(LinesOf(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_the_request_breaks_the_line()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket("/{**path}", new EchoHandler())
        );
        await RawClient.AskAsync(
            server,
            new HandshakeRequest { Path = "/a%0d%0ab%1b[31m" }.With("Origin", "https://a\u001b[31m" + new string('b', 5_000))
        );
        string line = Assert.Single(LinesOf(server));
        Assert.All(line, static character => Assert.InRange(character, ' ', '~'));
        Assert.InRange(line.Length, 50, 1_000);
    }

    [Fact]
    public async Task A_flood_of_refusals_is_cut_short_and_the_next_line_tells_how_many_were_left_out()
    {
        var time = new StoppedClock();
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            services => services.AddSingleton<TimeProvider>(time)
        );
        const int Flood = 150;
        using RawClient client = await RawClient.ConnectAsync(server);
        for (int i = 0; i < Flood; i++)
        {
            HttpAnswer answer = await client.AskAsync(new HandshakeRequest().With("Origin", "https://evil.example"));
            await client.ReadBodyAsync(answer);
        }

        int logged = LinesOf(server).Count;
        Assert.InRange(logged, 1, 100);
        time.Now += TimeSpan.FromMinutes(1);
        await RawClient.AskAsync(server, new HandshakeRequest().With("Origin", "https://evil.example"));
        Assert.Equal(logged + 1, LinesOf(server).Count);
        Assert.StartsWith(
            $"{Flood - logged} ",
            Assert.Single(server.Log.Events, static entry => entry.Category == Category && entry.Id.Id == LeftOut).Text,
            StringComparison.Ordinal
        );
    }

    private static List<string> LinesOf(TestServer server) =>
        [
            .. server
                .Log.Events.Where(static entry => entry.Category == Category && entry.Id.Id == Refused)
                .Select(static entry => entry.Text),
        ];

    private sealed class StoppedClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
