namespace Longwire.AspNetCore.Tests;

public abstract class OutputCacheTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : OutputCacheTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : OutputCacheTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : OutputCacheTests(ServerTransport.IoUring);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handshake_is_neither_cached_nor_does_it_wait_for_another_one_to_the_same_URL(bool byEndpoint)
    {
        await using TestServer server = await StartServerAsync(
            application =>
            {
                application.UseOutputCache();
                IEndpointConventionBuilder endpoint = application.MapWebSocket(
                    "/echo",
                    static async (socket, context, token) =>
                    {
                        await socket.SendTextAsync("open", token);
                        await socket.ReadAsync(token);
                    }
                );
                if (byEndpoint)
                {
                    endpoint.CacheOutput();
                }
            },
            services =>
                services.AddOutputCache(cache =>
                {
                    if (!byEndpoint)
                    {
                        cache.AddBasePolicy(static policy => policy.Expire(TimeSpan.FromMinutes(1)));
                    }
                })
        );
        using RawClient first = await RawClient.OpenAsync(server);
        Assert.Equal("open", await first.ReadTextAsync());
        using RawClient second = await RawClient.OpenAsync(server);
        Assert.Equal("open", await second.ReadTextAsync());
    }
}
