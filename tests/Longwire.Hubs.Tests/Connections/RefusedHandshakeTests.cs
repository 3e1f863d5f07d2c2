using System.Net;
using System.Net.WebSockets;

namespace Longwire.Hubs.Tests;

/// <summary>WebSockets of clients that are not let in, of a hub that says so in the handshake.</summary>
public sealed class RefusedHandshakeTests
{
    [Fact]
    public async Task A_client_that_is_not_let_in_gets_a_status_and_one_that_is_comes_in()
    {
        await using WaysServer server = await StartAsync(static options => options.MaxConnectionsPerUser = 1);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "token=wrong"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(server, $"token=valid-token&producer={new string('x', 65)}"));
        await server.Application.User("bob").BanAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, "token=bob"));
        await server.Application.User("cal").RevokeAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "token=cal"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "token=unknown"));
        Assert.Empty(server.Hub.Sessions);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(server, "token=ann", keep: true));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(server, "token=ann"));
        // It has still to say who it is.
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(server, ""));
    }

    [Fact]
    public async Task A_token_is_judged_once_and_the_session_has_the_id_that_the_validator_was_told()
    {
        int asked = 0;
        string? clientId = null;
        await using WaysServer server = await StartAsync(map: hub =>
            hub.OnAuthenticate(
                (AuthenticateRequest request) =>
                {
                    asked++;
                    clientId = request.ClientId;
                    return request.Accept(request.ClientId);
                }
            )
        );
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(server, "token=hook", keep: true));
        await Eventually.TrueAsync(() => server.Hub.Sessions.Any(session => session.Identity?.UserId == clientId));
        Assert.Equal((1, clientId), (asked, server.Hub.Sessions.Single().ClientId));
    }

    [Fact]
    public async Task A_full_server_says_503()
    {
        await using WaysServer server = await StartAsync(static options => options.MaxConnections = 1);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(server, "token=ann", keep: true));
        // The answer is under way before the connection counts.
        await Eventually.TrueAsync(() => server.Hub.ConnectionCount == 1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "token=ann"));
    }

    [Fact]
    public async Task A_session_is_resumed_by_its_secret_alone()
    {
        await using WaysServer server = await StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        await ann.LoseAsync();
        await ann.ConnectAsync();
        Assert.True(ann.Resumed);
    }

    private static Task<WaysServer> StartAsync(
        Action<LongwireHubOptions>? configure = null,
        Action<LongwireHubEndpointBuilder>? map = null
    ) =>
        WaysServer.StartAsync(
            options =>
            {
                options.RefuseInHandshake = true;
                configure?.Invoke(options);
            },
            map: hub =>
            {
                hub.OnAuthenticate(
                    (AuthenticateRequest request) =>
                        request.Token switch
                        {
                            "ann" or "bob" or "cal" => request.Accept(request.Token),
                            "unknown" => throw new InvalidOperationException("The users are away."),
                            _ => request.Refuse("Who?"),
                        }
                );
                map?.Invoke(hub);
            }
        );

    private static async Task<HttpStatusCode> StatusAsync(WaysServer server, string query, bool keep = false)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket
                .ConnectAsync(
                    new UriBuilder(server.Address)
                    {
                        Scheme = "ws",
                        Path = "/hub",
                        Query = query,
                    }.Uri,
                    CancellationToken.None
                )
                .WaitAsync(HubWay.Patience);
            if (keep)
            {
                // The hub has let it in when this has come.
                await socket.ReceiveAsync(new byte[1_024], CancellationToken.None).WaitAsync(HubWay.Patience);
            }
        }
        catch (WebSocketException)
        {
            // The status says it.
        }

        if (!keep)
        {
            socket.Dispose();
        }

        return socket.HttpStatusCode;
    }
}
