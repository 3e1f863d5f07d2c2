namespace Longwire.Interop.Tests;

/// <summary>The messages that a client sends to an echo server, and the replies it must get.</summary>
internal static class Echo
{
    public static async Task AssertComesBackAsync(WebSocketConnection connection, MessageType type, byte[] payload)
    {
        await connection.SendAsync(payload, type).AsTask().WaitAsync(Patience.Long);
        WebSocketMessage message = await ReadAsync(connection);
        Assert.Equal(type, message.Type);
        Assert.True(
            message.Payload.Span.SequenceEqual(payload),
            $"The echo of {payload.Length} bytes is another, of {message.Payload.Length}."
        );
    }

    public static async Task AssertSizesComeBackAsync(WebSocketConnection connection, string type)
    {
        foreach (int size in Payload.Sizes)
        {
            await AssertComesBackAsync(connection, type == "text" ? MessageType.Text : MessageType.Binary, Payload.Create(type, size));
        }
    }

    public static async Task AssertAThousandComeBackInOrderAsync(WebSocketConnection connection)
    {
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                await connection.SendTextAsync($"message {i}");
            }
        });
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal($"message {i}", (await ReadAsync(connection)).Text);
        }

        await sending;
    }

    public static Task<WebSocketMessage> ReadAsync(WebSocketConnection connection) =>
        connection.ReadAsync().AsTask().WaitAsync(Patience.Long);
}
