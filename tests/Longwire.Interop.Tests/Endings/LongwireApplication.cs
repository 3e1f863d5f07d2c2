namespace Longwire.Interop.Tests.Endings;

/// <summary>The application's actions on a connection of Longwire's, server or client, by the name in the row.</summary>
internal static class LongwireApplication
{
    public const int Messages = 10;
    public const int SentMessages = 64;
    public const int SentBytes = 64 << 10;

    /// <summary>A time limit that a busy machine keeps.</summary>
    public static TimeSpan CloseTimeout { get; } = TimeSpan.FromMinutes(12);

    public static string[] Names { get; } = ["answers", "closes", "closes-hastily", "throws", "aborts", "sends"];

    /// <summary>
    /// Times that a busy machine keeps, but for the row in which a peer does nothing: there the close time-out is short. No ping wakes a
    /// connection that has been forgotten.
    /// </summary>
    public static WebSocketConnectionOptions OptionsOf(string name) =>
        new()
        {
            CloseTimeout = name == "closes-hastily" ? TimeSpan.FromMilliseconds(500) : CloseTimeout,
            PingInterval = Timeout.InfiniteTimeSpan,
        };

    /// <summary>Reads to the end. The report follows, when the connection is over.</summary>
    public static async Task RunAsync(WebSocketConnection socket, string name, Action<int, WebSocketConnection> report)
    {
        int count = 0;
        try
        {
            await foreach (WebSocketMessage message in socket.ReadAllAsync(CancellationToken.None))
            {
                count++;
                if (name == "sends")
                {
                    await SendAsync(socket);
                }
                else if (name == "answers" || count <= Messages)
                {
                    await socket.SendAsync(message.Payload, message.Type, CancellationToken.None);
                    EndAt(count, socket, name);
                }
            }
        }
        finally
        {
            _ = socket.Completion.ContinueWith(_ => report(count, socket), TaskScheduler.Default);
        }
    }

    /// <summary>The same as calls.</summary>
    public static WebSocketHandler CreateHandler(string name, Action<int, WebSocketConnection> report) => new Handler(name, report);

    private static void EndAt(int count, WebSocketConnection socket, string name)
    {
        if (count != Messages)
        {
            return;
        }

        switch (name)
        {
            case "closes" or "closes-hastily":
                socket.TryClose((CloseStatus)4000, "done");
                break;
            case "throws":
                throw new InvalidOperationException("The application's fault.");
            case "aborts":
                socket.Abort();
                break;
        }
    }

    private static async Task SendAsync(WebSocketConnection socket)
    {
        byte[] payload = new byte[SentBytes];
        for (int i = 0; i < SentMessages; i++)
        {
            await socket.SendAsync(payload, MessageType.Binary, CancellationToken.None);
        }

        socket.TryClose(CloseStatus.NormalClosure);
    }

    private sealed class Handler(string name, Action<int, WebSocketConnection> report) : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            int count = (connection.UserState as int? ?? 0) + 1;
            connection.UserState = count;
            if (name == "sends")
            {
                _ = SendAsync(connection);
            }
            else if (name == "answers" || count <= Messages)
            {
                connection.TrySend(payload, type);
                EndAt(count, connection, name);
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
            report(connection.UserState as int? ?? 0, connection);
    }
}
