using System.Globalization;
using System.Net.WebSockets;
using System.Text;

/// <summary>An echoing client, driven as drivers for conformance suites do it: one connection for each case.</summary>
internal static class ConformanceClient
{
    public static async Task RunAsync(Uri suite)
    {
        int count = int.Parse(await AskAsync(new Uri(suite, "/getCaseCount")), CultureInfo.InvariantCulture);
        for (int number = 1; number <= count; number++)
        {
            await EchoAsync(new Uri(suite, $"/runCase?case={number}&agent=System.Net.WebSockets"), echoes: true);
        }

        await AskAsync(new Uri(suite, "/updateReports?agent=System.Net.WebSockets"));
    }

    private static Task<string> AskAsync(Uri uri) => EchoAsync(uri, echoes: false);

    // Sends back what comes until the Close, and returns it as text.
    private static async Task<string> EchoAsync(Uri uri, bool echoes)
    {
        var came = new StringBuilder();
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        try
        {
            await socket.ConnectAsync(uri, CancellationToken.None);
            byte[] buffer = new byte[32 * 1024];
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            while (received.MessageType != WebSocketMessageType.Close)
            {
                if (echoes)
                {
                    await socket.SendAsync(
                        buffer.AsMemory(0, received.Count),
                        received.MessageType,
                        received.EndOfMessage,
                        CancellationToken.None
                    );
                }
                else
                {
                    came.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
                }

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
            // The handshake or the connection has failed, which is what some of the cases are about.
        }

        return came.ToString();
    }
}
