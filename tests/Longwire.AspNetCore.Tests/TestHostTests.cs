using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.TestHost;
using HostedServer = Microsoft.AspNetCore.TestHost.TestServer;
using PlatformState = System.Net.WebSockets.WebSocketState;

namespace Longwire.AspNetCore.Tests;

/// <summary>A host without sockets, as TestServer and WebApplicationFactory are, offers messages and no bytes.</summary>
public sealed class TestHostTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(Patience.Long);
    private WebApplication? _application;

    [Fact]
    public async Task A_handler_echoes_text_and_bytes()
    {
        using WebSocket socket = await ConnectAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        await socket.SendAsync("grüße"u8.ToArray(), WebSocketMessageType.Text, true, _patience.Token);
        Assert.Equal((WebSocketMessageType.Text, "grüße"), await ReadAsync(socket));
        await socket.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Binary, true, _patience.Token);
        Assert.Equal((WebSocketMessageType.Binary, ""), await ReadAsync(socket));
    }

    [Fact]
    public async Task A_message_in_parts_and_a_large_one_arrive_whole()
    {
        using WebSocket socket = await ConnectAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        string large = new('x', 300_000);
        await socket.SendAsync("one "u8.ToArray(), WebSocketMessageType.Text, false, _patience.Token);
        await socket.SendAsync("two"u8.ToArray(), WebSocketMessageType.Text, true, _patience.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(large), WebSocketMessageType.Text, true, _patience.Token);
        Assert.Equal((WebSocketMessageType.Text, "one two"), await ReadAsync(socket));
        Assert.Equal((WebSocketMessageType.Text, large), await ReadAsync(socket));
    }

    [Fact]
    public async Task The_client_s_close_is_answered_and_known()
    {
        var handler = new EchoHandler();
        using WebSocket socket = await ConnectAsync(application => application.MapWebSocket("/echo", handler));
        await socket.CloseAsync((WebSocketCloseStatus)3001, "bye", _patience.Token);
        Assert.Equal(PlatformState.Closed, socket.State);
        Assert.Equal((WebSocketCloseStatus)3001, socket.CloseStatus);
        (WebSocketConnection connection, CloseStatus status) = await handler.Closed;
        Assert.Equal((CloseStatus)3001, status);
        Assert.Equal("bye", connection.CloseReason);
    }

    [Fact]
    public async Task The_server_s_close_comes_behind_its_messages()
    {
        using WebSocket socket = await ConnectAsync(static application =>
            application.MapWebSocket(
                "/echo",
                static async (socket, token) =>
                {
                    await socket.SendTextAsync("last words", token);
                    await socket.CloseAsync((CloseStatus)4000, "over");
                }
            )
        );
        Assert.Equal((WebSocketMessageType.Text, "last words"), await ReadAsync(socket));
        WebSocketReceiveResult close = await socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), _patience.Token);
        Assert.Equal(WebSocketMessageType.Close, close.MessageType);
        Assert.Equal(((WebSocketCloseStatus)4000, "over"), (close.CloseStatus, close.CloseStatusDescription));
    }

    [Fact]
    public async Task A_client_that_vanishes_ends_the_connection()
    {
        var handler = new EchoHandler();
        WebSocket socket = await ConnectAsync(application => application.MapWebSocket("/echo", handler));
        socket.Abort();
        Assert.Equal(CloseStatus.Abnormal, (await handler.Closed).Status);
        await Patience.UntilAsync(
            () => _application!.Services.GetRequiredService<WebSocketConnections>().Count == 0,
            "the connection is forgotten"
        );
    }

    [Fact]
    public async Task A_limit_holds_as_on_a_socket()
    {
        using WebSocket socket = await ConnectAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint => endpoint.Connection = endpoint.Connection with { MaxMessageBytes = 10 }
            )
        );
        await socket.SendAsync(new byte[11], WebSocketMessageType.Binary, true, _patience.Token);
        WebSocketReceiveResult close = await socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), _patience.Token);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, close.CloseStatus);
    }

    [Fact]
    public async Task The_subprotocol_is_agreed_on()
    {
        using WebSocket socket = await ConnectAsync(
            static application =>
                application.MapWebSocket("/echo", new EchoHandler(), static endpoint => endpoint.Subprotocols = ["b", "a"]),
            static client =>
            {
                client.SubProtocols.Add("a");
                client.SubProtocols.Add("b");
            }
        );
        Assert.Equal("b", socket.SubProtocol);
    }

    [Fact]
    public async Task A_refusal_says_its_status()
    {
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ConnectAsync(
                static application => application.MapWebSocket("/echo", new EchoHandler()),
                static client => client.ConfigureRequest = static request => request.Headers.Origin = "https://evil.example"
            )
        );
        Assert.Contains("403", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_host_stops_the_client_gets_1001()
    {
        using WebSocket socket = await ConnectAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        Task stopping = _application!.StopAsync();
        WebSocketReceiveResult close = await socket.ReceiveAsync(new ArraySegment<byte>(new byte[10]), _patience.Token);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, close.CloseStatus);
        await stopping.WaitAsync(Patience.Long);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        _patience.Dispose();
    }

    private async Task<WebSocket> ConnectAsync(Action<WebApplication> map, Action<WebSocketClient>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddLongwire();
        _application = builder.Build();
        map(_application);
        await _application.StartAsync();
        HostedServer server = _application.GetTestServer();
        WebSocketClient client = server.CreateWebSocketClient();
        configure?.Invoke(client);
        return await client.ConnectAsync(new Uri("ws://localhost/echo"), _patience.Token);
    }

    private async Task<(WebSocketMessageType Type, string Text)> ReadAsync(WebSocket socket)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer), _patience.Token);
            whole.Write(buffer, 0, result.Count);
        } while (!result.EndOfMessage);
        return (result.MessageType, Encoding.UTF8.GetString(whole.ToArray()));
    }
}
