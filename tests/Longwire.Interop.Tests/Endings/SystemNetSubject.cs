using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Longwire.Conformance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Interop.Tests.Endings;

/// <summary>System.Net.WebSockets on Kestrel's own transport, with a loop as its documentation shows it.</summary>
internal sealed class SystemNetSubject : EndingSubject
{
    private readonly WebApplication _application;
    private RawPeerOfServer? _peers;

    private SystemNetSubject(WebApplication application) => _application = application;

    protected override bool IsServer => true;

    public static async Task<EndingSubject> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication application = builder.Build();
        var subject = new SystemNetSubject(application);
        application.UseWebSockets();
        application.Run(async context =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await subject.ServeAsync(socket, context.Request.Path.Value![1..]);
        });
        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        subject._peers = new RawPeerOfServer(new Uri(address), tls: false, http2: false);
        return subject;
    }

    public override ValueTask DisposeAsync() => _application.DisposeAsync();

    protected override Task<Peer> OpenAsync(string application) => _peers!.OpenAsync("/" + application);

    private async Task ServeAsync(WebSocket socket, string name)
    {
        int read = 0;
        string status = "1006";
        byte[] buffer = new byte[32 << 10];
        // It has no time-out of its own for the peer's Close: the application brings one.
        using var closing = new CancellationTokenSource();
        try
        {
            while (true)
            {
                WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, closing.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (!received.EndOfMessage)
                {
                    continue;
                }

                read++;
                await ActAsync(socket, name, read, buffer.AsMemory(0, received.Count));
                if (name == "closes-hastily" && read == LongwireApplication.Messages)
                {
                    closing.CancelAfter(500);
                }
            }

            status = ((int?)socket.CloseStatus)?.ToString(CultureInfo.InvariantCulture) ?? "1006";
            if (socket.State == System.Net.WebSockets.WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, null, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // That is how it tells of an end without a Close.
        }
        catch (OperationCanceledException)
        {
            // And so of its own abort, and of a time-out.
        }
        finally
        {
            Report(read, status);
        }
    }

    private static async Task ActAsync(WebSocket socket, string name, int read, ReadOnlyMemory<byte> message)
    {
        if (name == "sends")
        {
            byte[] payload = new byte[LongwireApplication.SentBytes];
            for (int i = 0; i < LongwireApplication.SentMessages; i++)
            {
                await socket.SendAsync(payload, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            return;
        }

        if (name != "answers" && read > LongwireApplication.Messages)
        {
            return;
        }

        await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (read != LongwireApplication.Messages)
        {
            return;
        }

        switch (name)
        {
            case "closes" or "closes-hastily":
                await socket.CloseOutputAsync((WebSocketCloseStatus)4000, "done", CancellationToken.None);
                break;
            case "throws":
                throw new InvalidOperationException("The application's fault.");
            case "aborts":
                socket.Abort();
                break;
        }
    }
}
