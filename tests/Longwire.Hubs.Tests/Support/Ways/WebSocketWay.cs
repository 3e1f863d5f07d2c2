using System.Net.WebSockets;
using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>By a WebSocket of the platform's.</summary>
internal sealed class WebSocketWay(WaysServer server, string username) : HubWay(server, username)
{
    private ClientWebSocket? _socket;
    private Task _reading = Task.CompletedTask;

    public override async Task SendAsync(string json) =>
        await _socket!.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None).WaitAsync(Patience);

    public override async Task LoseAsync()
    {
        _socket?.Abort();
        await _reading.WaitAsync(Patience);
        Forget();
    }

    public override Task CloseAsync() =>
        _socket!.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience);

    protected override async Task OpenAsync()
    {
        _socket = new ClientWebSocket();
        _socket.Options.AddSubProtocol("longwire.v1.json");
        bool isNew = Secret is null;
        if (!isNew)
        {
            _socket.Options.AddSubProtocol("session." + Secret);
        }

        Uri address = new UriBuilder(Server.Address) { Scheme = "ws", Path = "/hub" }.Uri;
        await _socket.ConnectAsync(address, Server.Upgrades, CancellationToken.None);
        _reading = ReadAsync(_socket);
        if (isNew)
        {
            await SendAsync($$"""{"type":"auth","token":"valid-token","username":"{{Username}}"}""");
            await UntilAsync("auth-success");
        }
    }

    private async Task ReadAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[1 << 20];
        try
        {
            while (true)
            {
                int length = 0;
                WebSocketReceiveResult read;
                do
                {
                    read = await socket.ReceiveAsync(buffer.AsMemory(length).ToArraySegment(), CancellationToken.None);
                    length += read.Count;
                } while (!read.EndOfMessage);

                if (read.MessageType == WebSocketMessageType.Close)
                {
                    TakeClose((long)read.CloseStatus!);
                    return;
                }

                Take(
                    read.MessageType == WebSocketMessageType.Text
                        ? Parse(Encoding.UTF8.GetString(buffer, 0, length))
                        : Bytes(buffer[..length])
                );
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It was lost on purpose.
        }
    }

    /// <summary>As a <c>message</c> with <c>binary</c>, which is how the other ways have it.</summary>
    private static System.Text.Json.JsonElement Bytes(byte[] message)
    {
        int at = 1;
        for (int text = 0; text < 4; text++)
        {
            at += 1 + message[at];
        }

        while (message[at++] > 127) { }
        at += 1 + message[at];
        return Parse($$"""{"type":"message","binary":"{{Convert.ToBase64String(message[(at + 8)..])}}"}""");
    }
}

file static class MemoryExtensions
{
    public static ArraySegment<byte> ToArraySegment(this Memory<byte> memory)
    {
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment));
        return segment;
    }
}
