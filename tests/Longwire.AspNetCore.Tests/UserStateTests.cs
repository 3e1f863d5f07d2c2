namespace Longwire.AspNetCore.Tests;

public abstract class UserStateTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : UserStateTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : UserStateTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : UserStateTests(ServerTransport.IoUring);

    [Fact]
    public async Task What_is_made_from_the_request_is_the_connection_s_state()
    {
        var handler = new EchoHandler();
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                handler,
                static endpoint =>
                    endpoint.CreateUserState = static context => ValueTask.FromResult<object?>(context.Request.Query["name"].ToString())
            )
        );
        using RawClient client = await RawClient.OpenAsync(server, "/echo?name=ada");
        await client.SendCloseAsync(1000);
        Assert.Equal("ada", (await handler.Closed).Connection.UserState);
    }

    [Theory]
    [InlineData(402)]
    [InlineData(302)]
    public async Task Another_status_than_200_refuses_the_handshake(int status)
    {
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint =>
                    endpoint.CreateUserState = context =>
                    {
                        context.Response.StatusCode = status;
                        return ValueTask.FromResult<object?>(null);
                    }
            )
        );
        Assert.Equal(status, (await RawClient.AskAsync(server, new HandshakeRequest())).Status);
        Assert.Equal(0, server.Connections.Count);
    }

    [Fact]
    public async Task A_state_that_can_t_be_made_is_a_500_and_takes_no_place()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint =>
                {
                    endpoint.MaxConnections = 1;
                    endpoint.CreateUserState = static _ => throw new NotImplementedException();
                }
            )
        );
        Assert.Equal(500, (await RawClient.AskAsync(server, new HandshakeRequest())).Status);
        Assert.Equal(500, (await RawClient.AskAsync(server, new HandshakeRequest())).Status);
    }
}
