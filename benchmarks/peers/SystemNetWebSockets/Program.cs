// An echo with Kestrel and System.Net.WebSockets, as its documentation shows it: one buffer for each connection, reused,
// parts of a message sent on as they come. SystemNetWebSockets PORT (0 picks one).
using System.Net;
using System.Net.WebSockets;

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

    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
    byte[] buffer = new byte[32 * 1024];
    try
    {
        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        while (received.MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        }

        await socket.CloseAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, CancellationToken.None);
    }
    catch (WebSocketException)
    {
        // The client has gone.
    }
});

await app.StartAsync();
Console.WriteLine($"listening {new Uri(app.Urls.First()).Port}");
await app.WaitForShutdownAsync();
