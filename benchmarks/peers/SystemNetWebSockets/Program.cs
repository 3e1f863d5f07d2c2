// Kestrel and System.Net.WebSockets, as the documentation shows them: one buffer for each connection, reused, parts of a message sent on
// as they come. SystemNetWebSockets PORT [echo|broadcast|deflate] (port 0 picks one): each message back, or to everybody, or back with
// permessage-deflate as it comes. SystemNetWebSockets conform URL: an echoing client of `longwire conform client` at that URL.
using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;

if (args is ["conform", string address])
{
    await ConformanceClient.RunAsync(new Uri(address));
    return;
}

string kind = args.Length > 1 ? args[1] : "echo";
var everybody = new ConcurrentDictionary<WebSocket, SemaphoreSlim>();
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, args.Length > 0 ? int.Parse(args[0]) : 0));
WebApplication app = builder.Build();
app.UseWebSockets();
app.Run(async context =>
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }

    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(
        new WebSocketAcceptContext { DangerousEnableCompression = kind == "deflate" }
    );
    byte[] buffer = new byte[32 * 1024];
    try
    {
        if (kind == "broadcast")
        {
            everybody[socket] = new SemaphoreSlim(1);
        }

        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        while (received.MessageType != WebSocketMessageType.Close)
        {
            if (kind == "broadcast")
            {
                await Task.WhenAll(
                    everybody.Select(member => SendAsync(member.Key, member.Value, buffer.AsMemory(0, received.Count), received))
                );
                received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                continue;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        }

        await socket.CloseAsync(
            socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure,
            socket.CloseStatusDescription,
            CancellationToken.None
        );
    }
    catch (WebSocketException)
    {
        // The client has gone.
    }
    finally
    {
        everybody.TryRemove(socket, out _);
    }
});

await app.StartAsync();
Console.WriteLine($"listening {new Uri(app.Urls.First()).Port}");
await app.WaitForShutdownAsync();

// A socket takes one send at a time.
static async Task SendAsync(WebSocket socket, SemaphoreSlim turn, Memory<byte> payload, ValueWebSocketReceiveResult received)
{
    await turn.WaitAsync();
    try
    {
        await socket.SendAsync(payload, received.MessageType, received.EndOfMessage, CancellationToken.None);
    }
    catch (WebSocketException)
    {
        // This one has gone; its own loop ends.
    }
    finally
    {
        turn.Release();
    }
}
