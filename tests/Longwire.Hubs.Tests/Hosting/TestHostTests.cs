using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>A hub in a host without sockets, as applications have it in their tests.</summary>
public sealed class TestHostTests
{
    [Fact]
    public async Task A_client_of_TestServer_joins_and_hears_another_one()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        Microsoft.Extensions.DependencyInjection.LongwireHubServiceCollectionExtensions.AddLongwireHub(
            builder.Services,
            static options => options.AllowGuests = true
        );
        await using WebApplication application = builder.Build();
        application.MapLongwireHub("/hub");
        await application.StartAsync(patience.Token);

        using WebSocket ann = await ConnectAsync();
        using WebSocket bob = await ConnectAsync();
        await SendAsync(ann, """{"type":"join-room","room":"tea"}""");
        await ReadAsync(ann, "joined-room");
        await SendAsync(bob, """{"type":"join-room","room":"tea"}""");
        await ReadAsync(bob, "joined-room");
        await SendAsync(ann, """{"type":"message","room":"tea","content":"hello"}""");
        Assert.Equal("hello", (await ReadAsync(bob, "message")).GetProperty("message").GetString());
        await bob.CloseAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);

        Task<WebSocket> ConnectAsync() =>
            application.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/hub"), patience.Token);

        Task SendAsync(WebSocket socket, string json) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, patience.Token);

        async Task<JsonElement> ReadAsync(WebSocket socket, string type)
        {
            byte[] buffer = new byte[64 << 10];
            while (true)
            {
                WebSocketReceiveResult result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer), patience.Token);
                Assert.True(result.EndOfMessage);
                Assert.Equal(WebSocketMessageType.Text, result.MessageType);
                JsonElement message = JsonDocument.Parse(buffer.AsMemory(0, result.Count).ToArray()).RootElement;
                if (message.GetProperty("type").GetString() == type)
                {
                    return message;
                }
            }
        }
    }
}
