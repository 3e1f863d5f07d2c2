using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace Longwire.AspNetCore.Tests;

/// <summary>Objects with a request's lifetime live as long as the connection, on every transport.</summary>
public abstract class RequestLifetimeTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : RequestLifetimeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RequestLifetimeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RequestLifetimeTests(ServerTransport.IoUring);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_limiter_of_concurrency_counts_a_connection_until_it_is_over(bool global)
    {
        await using TestServer server = await StartServerAsync(
            application =>
            {
                application.UseRateLimiter();
                IEndpointConventionBuilder endpoint = application.MapWebSocket("/echo", new EchoHandler());
                if (!global)
                {
                    endpoint.RequireRateLimiting("one");
                }
            },
            services =>
                services.AddRateLimiter(limiter =>
                {
                    limiter.RejectionStatusCode = 429;
                    if (global)
                    {
                        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(static _ =>
                            RateLimitPartition.GetConcurrencyLimiter("all", static _ => new ConcurrencyLimiterOptions { PermitLimit = 1 })
                        );
                    }
                    else
                    {
                        limiter.AddConcurrencyLimiter("one", static options => options.PermitLimit = 1);
                    }
                })
        );
        using (RawClient first = await RawClient.OpenAsync(server))
        {
            await first.SendTextAsync("hello");
            Assert.Equal("hello", await first.ReadTextAsync());
            Assert.Equal(429, (await RawClient.AskAsync(server, new HandshakeRequest())).Status);
            await first.SendCloseAsync(1000);
            await first.ReadToEndAsync();
        }

        await Patience.UntilAsync(() => server.Connections.Count == 0, "the first is over");
        await Patience.UntilAsync(
            () => RawClient.AskAsync(server, new HandshakeRequest()).GetAwaiter().GetResult().Status == 101,
            "its permit is free again"
        );
    }

    [Fact]
    public async Task Middleware_goes_on_when_the_connection_is_over_where_the_endpoint_keeps_its_request()
    {
        var after = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(application =>
        {
            application.Use(
                async (context, next) =>
                {
                    await next(context);
                    after.TrySetResult(application.Services.GetRequiredService<WebSocketConnections>().Count);
                }
            );
            application.MapWebSocket("/echo", new EchoHandler(), static endpoint => endpoint.KeepRequest = true);
        });
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendTextAsync("hello");
        Assert.Equal("hello", await client.ReadTextAsync());
        Assert.False(after.Task.IsCompleted);
        await client.SendCloseAsync(1000);
        Assert.Equal(0, await after.Task.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task The_accessor_of_the_context_finds_it_as_long_as_the_connection_lives()
    {
        await using TestServer server = await StartServerAsync(
            application =>
            {
                IHttpContextAccessor accessor = application.Services.GetRequiredService<IHttpContextAccessor>();
                application.MapWebSocket(
                    "/echo",
                    async (socket, token) =>
                    {
                        await socket.ReadAsync(token);
                        await socket.SendTextAsync(accessor.HttpContext?.Request.Query["name"].ToString() ?? "no context", token);
                    }
                );
            },
            static services => services.AddHttpContextAccessor()
        );
        using RawClient client = await RawClient.OpenAsync(server, "/echo?name=ada");
        await client.SendTextAsync("who am I?");
        Assert.Equal("ada", await client.ReadTextAsync());
    }
}
