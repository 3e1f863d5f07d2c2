using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>The ways in of those who are banned.</summary>
public sealed class BannedRequestTests
{
    [Theory]
    [InlineData("GET", "hub/events")]
    [InlineData("GET", "hub/poll")]
    [InlineData("POST", "hub/send")]
    public async Task Over_HTTP_a_banned_user_or_address_is_answered_403_and_when_to_come_back(string method, string target)
    {
        await using WaysServer server = await WaysServer.StartAsync();
        await server.Application.User("ann").BanAsync(TimeSpan.FromMinutes(5));
        await RefusedAsync("ann", 300);
        using HttpResponseMessage bob = await SendAsync(server, method, target, "bob");
        Assert.Equal(HttpStatusCode.OK, bob.StatusCode);
        await server.Application.BanAddressAsync(IPAddress.Loopback, TimeSpan.FromMinutes(1));
        await RefusedAsync("bob", 60);
        // The answer may be there before the hub has counted its connection out.
        await Eventually.TrueAsync(() => server.Hub.ConnectionCount == 0);

        async Task RefusedAsync(string username, int seconds)
        {
            using HttpResponseMessage response = await SendAsync(server, method, target, username);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(seconds), response.Headers.RetryAfter!.Delta);
            using var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal(("banned", seconds * 1_000), (error.RootElement.Text("code"), error.RootElement.Number("retryAfterMs")));
        }
    }

    [Fact]
    public async Task A_session_of_a_banned_user_takes_no_more_messages_by_POST()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.LongPolling, "ann");
        await server.Application.User("ann").BanAsync(TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(() => server.Hub.FindSession(ann.ClientId) is null);
        using HttpResponseMessage response = await SendAsync(server, "POST", $"hub/send?session={ann.Secret}", username: null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_WebSocket_is_told_and_closed_with_4002_before_it_has_a_session()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        await server.Application.BanAddressAsync(IPAddress.Loopback, TimeSpan.FromMinutes(5));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/hub" }.Uri, CancellationToken.None);
        byte[] buffer = new byte[1_024];
        WebSocketReceiveResult read = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(HubWay.Patience);
        Assert.Equal(
            """{"type":"error","code":"banned","message":"Banned","retryAfterMs":300000}""",
            Encoding.UTF8.GetString(buffer, 0, read.Count)
        );
        read = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(HubWay.Patience);
        Assert.Equal((4002, "Banned"), ((int)read.CloseStatus!, read.CloseStatusDescription));
    }

    private static async Task<HttpResponseMessage> SendAsync(WaysServer server, string method, string target, string? username)
    {
        string query = username is null ? "" : $"?username={username}";
        using var request = new HttpRequestMessage(new HttpMethod(method), target + query);
        if (username is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer valid-token");
        }

        if (method == "POST")
        {
            request.Content = new StringContent("""{"type":"ping"}""", Encoding.UTF8, "application/json");
        }

        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
