using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Longwire.AspNetCore.Tests;

/// <summary>Functions with parameters of their own, as minimal APIs have them.</summary>
public abstract class FunctionBindingTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : FunctionBindingTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : FunctionBindingTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : FunctionBindingTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_function_of_the_connection_alone_serves_it()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/explicit", static async (WebSocketConnection socket) => await socket.SendTextAsync("explicit"));
            application.MapWebSocket("/implicit", static async socket => await socket.SendTextAsync("implicit"));
        });
        Assert.Equal("explicit", await FirstAsync(server, "/explicit"));
        Assert.Equal("implicit", await FirstAsync(server, "/implicit"));
    }

    [Fact]
    public async Task A_function_answers_with_what_it_read_and_with_text()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                static async (WebSocketConnection socket) =>
                {
                    await foreach (WebSocketMessage message in socket.ReadAllAsync())
                    {
                        await socket.SendAsync(message);
                        await socket.SendAsync("grüße");
                        Assert.True(socket.TrySend("\ud800!"));
                    }
                }
            )
        );
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendTextAsync("hello");
        Assert.Equal("hello", await client.ReadTextAsync());
        Assert.Equal("grüße", await client.ReadTextAsync());
        Assert.Equal("\ufffd!", await client.ReadTextAsync());
    }

    [Fact]
    public async Task Values_come_from_the_route_the_query_and_the_headers()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application
                .MapGroup("/rooms/{room}")
                .MapWebSocket(
                    "/{number:int}/{kind?}",
                    static async (
                        WebSocketConnection socket,
                        string room,
                        int number,
                        string? kind,
                        Guid id,
                        CloseStatus? status,
                        [FromHeader(Name = "User-Agent")] string agent,
                        int limit = 7
                    ) => await socket.SendTextAsync($"{room} {number} {kind ?? "-"} {id} {status?.ToString() ?? "-"} {agent} {limit}")
                )
        );
        const string Id = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
        using RawClient client = await RawClient.ConnectAsync(server);
        HandshakeRequest request = new HandshakeRequest { Path = $"/rooms/t%20x/42?id={Id}&status=goingAway" }.And("User-Agent", "ann");
        Assert.Equal(101, (await client.AskAsync(request)).Status);
        Assert.Equal($"t x 42 - {Id} GoingAway ann 7", await client.ReadTextAsync());
    }

    [Theory]
    [InlineData("/count?number=1", 101)]
    [InlineData("/count", 400)]
    [InlineData("/count?number=one", 400)]
    public async Task A_value_that_is_missing_or_wrong_refuses_the_handshake(string path, int status)
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/count",
                static (WebSocketConnection socket, int number) => socket.CloseAsync((CloseStatus)(3000 + number))
            )
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        HttpAnswer answer = await client.AskAsync(new HandshakeRequest { Path = path });
        Assert.Equal(status, answer.Status);
        if (status == 400)
        {
            Assert.Contains("\"number\"", await client.ReadBodyAsync(answer), StringComparison.Ordinal);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scoped_service_lives_as_long_as_the_connection(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        await using TestServer server = await StartServerAsync(
            static application =>
                application.MapWebSocket(
                    "/visit",
                    static async (WebSocketConnection socket, Visit visit, Guestbook book, CancellationToken ended) =>
                    {
                        await socket.ReadAsync(ended);
                        await socket.SendTextAsync($"over: {visit.IsOver}", ended);
                        book.Last = visit;
                        await socket.ReadAsync(ended);
                    }
                ),
            static services => services.AddScoped<Visit>().AddSingleton<Guestbook>(),
            certificate: certificate
        );
        using RawClient client = await RawClient.OpenAsync(server, "/visit", tls);
        await client.SendTextAsync("still there?");
        Assert.Equal("over: False", await client.ReadTextAsync());
        await client.SendCloseAsync(1000);
        await client.ReadToEndAsync();
        await Patience.UntilAsync(() => server.Services.GetRequiredService<Guestbook>().Last is { IsOver: true }, "the visit is over");
    }

    [Fact]
    public async Task Services_by_key_singletons_the_user_and_the_request_are_bound()
    {
        await using TestServer server = await StartServerAsync(
            static application =>
            {
                application.Use(
                    (context, next) =>
                    {
                        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "test"));
                        return next(context);
                    }
                );
                application.MapWebSocket(
                    "/all",
                    static async (
                        ClaimsPrincipal user,
                        WebSocketConnection socket,
                        [FromKeyedServices("tea")] string drink,
                        Guestbook book,
                        HttpContext context,
                        ILogger<Guestbook> logger
                    ) =>
                    {
                        await socket.SendTextAsync(
                            $"{user.Identity!.Name} {drink} {book.Last is null} {context.Request.Path} {logger is not null}"
                        );
                    }
                );
            },
            static services => services.AddSingleton<Guestbook>().AddKeyedSingleton("tea", "Assam")
        );
        Assert.Equal("ada Assam True /all True", await FirstAsync(server, "/all"));
    }

    [Fact]
    public async Task The_token_is_cancelled_when_the_connection_is_over()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(
            application =>
                application.MapWebSocket(
                    "/wait",
                    async (WebSocketConnection socket, Guestbook book, CancellationToken token) =>
                    {
                        token.Register(ended.SetResult);
                        await socket.SendTextAsync("begun");
                        await Task.Delay(Timeout.Infinite, token);
                    }
                ),
            static services => services.AddSingleton<Guestbook>()
        );
        RawClient client = await RawClient.OpenAsync(server, "/wait");
        Assert.Equal("begun", await client.ReadTextAsync());
        client.Reset();
        await ended.Task.WaitAsync(Patience.Long);
        await Patience.UntilAsync(() => server.Connections.Count == 0, "the connection is forgotten");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task What_the_function_throws_is_logged_as_it_is_thrown()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/fail/{name}",
                static Task (WebSocketConnection _, string name) => throw new NotImplementedException(name)
            )
        );
        using RawClient client = await RawClient.OpenAsync(server, "/fail/tea");
        Assert.Equal((1011, "Internal error"), await client.ReadCloseAsync());
        Assert.IsType<NotImplementedException>(Assert.Single(server.Log.Errors).Exception);
    }

    [Fact]
    public async Task What_can_t_be_bound_keeps_the_application_from_starting()
    {
        await AssertFaultAsync(
            static application =>
                application.MapWebSocket("/a/{b}", static (WebSocketConnection socket, Visit visit) => Task.CompletedTask),
            "/a/{b}",
            "\"visit\"",
            nameof(Visit)
        );
        await AssertFaultAsync(static application => application.MapWebSocket("/a", static (WebSocketConnection _) => 1), "Task", "Int32");

        async Task AssertFaultAsync(Action<WebApplication> map, params string[] texts)
        {
            InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(() => StartServerAsync(map));
            Assert.All(texts, text => Assert.Contains(text, fault.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Options_are_set_for_an_endpoint_behind_those_of_its_group()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            RouteGroupBuilder group = application.MapGroup("/g");
            group.WithWebSocketOptions(static options => options.Connection.MaxMessageBytes = 4);
            group.MapWebSocket("/small", new EchoHandler());
            group
                .MapWebSocket("/large", new EchoHandler())
                .WithWebSocketOptions(static options => options.Connection.MaxMessageBytes = 100);
            application.MapWebSocket("/else", new EchoHandler());
        });
        Assert.Equal(1009, await StatusAsync("/g/small"));
        Assert.Equal(1000, await StatusAsync("/g/large"));
        Assert.Equal(1000, await StatusAsync("/else"));

        async Task<int> StatusAsync(string path)
        {
            using RawClient client = await RawClient.OpenAsync(server, path);
            await client.SendTextAsync("hello");
            await client.SendCloseAsync(1000);
            return (await client.ReadCloseAsync()).Status;
        }
    }

    [Fact]
    public async Task Options_that_are_in_use_can_t_be_changed()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/change",
                static async (WebSocketConnection socket) =>
                {
                    InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => socket.Options.MaxMessageBytes = 1);
                    await socket.SendTextAsync(refusal.Message);
                }
            )
        );
        Assert.Contains("with", await FirstAsync(server, "/change"), StringComparison.Ordinal);
    }

    private static async Task<string> FirstAsync(TestServer server, string path)
    {
        using RawClient client = await RawClient.OpenAsync(server, path);
        return await client.ReadTextAsync();
    }

    private sealed class Guestbook
    {
        public Visit? Last { get; set; }
    }

    private sealed class Visit : IDisposable
    {
        public bool IsOver { get; private set; }

        public void Dispose() => IsOver = true;
    }
}
