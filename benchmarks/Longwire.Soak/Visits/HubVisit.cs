using System.Globalization;
using System.Text.Json;
using Longwire.Client;

namespace Longwire.Soak;

/// <summary>A member of a room or two: what it publishes comes back as it went, in the order of the room, without a gap.</summary>
internal sealed class HubVisit : Visit
{
    private const int Rooms = 6;

    public override string Name => "hub";

    public override async Task RunAsync(SoakTarget target, Random random)
    {
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            target.WebSocket("/hub"),
            new WebSocketClientOptions { UseProxy = false }
        );
        try
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"user-{random.NextInt64():x}");
            await UntilAsync(socket, "connected");
            await socket.SendTextAsync($$"""{"type":"auth","token":"valid-token","username":"{{name}}"}""");
            await UntilAsync(socket, "auth-success");
            for (int rooms = random.Next(1, 3); rooms > 0; rooms--)
            {
                await StayAsync(socket, name, $"room{random.Next(Rooms)}", random);
            }

            if (random.Next(3) == 0)
            {
                return;
            }

            await socket.CloseAsync();
            Expect(socket.CloseStatus == CloseStatus.NormalClosure, $"status 1000, not {socket.CloseStatus}");
        }
        finally
        {
            socket.Abort();
        }
    }

    private static async Task StayAsync(WebSocketConnection socket, string name, string room, Random random)
    {
        await socket.SendTextAsync($$"""{"type":"join-room","room":"{{room}}"}""");
        JsonElement joined = await UntilAsync(socket, "joined-room");
        string epoch = joined.GetProperty("epoch").GetString()!;
        long offset = joined.GetProperty("offset").GetInt64();
        for (int number = random.Next(1, 20); number > 0; number--)
        {
            string content = $$"""{"by":"{{name}}","number":{{number}},"text":"{{Text(random)}}"}""";
            await socket.SendTextAsync($$"""{"type":"message","room":"{{room}}","content":{{content}}}""");
            while (true)
            {
                JsonElement message = await UntilAsync(socket, "message");
                Expect(
                    message.GetProperty("room").GetString() == room
                        && message.GetProperty("epoch").GetString() == epoch
                        && message.GetProperty("offset").GetInt64() == ++offset,
                    $"offset {offset} of {room}, {epoch}; it was {message.GetProperty("offset")} of {message.GetProperty("epoch")}"
                );
                if (message.GetProperty("username").GetString() != name)
                {
                    continue;
                }

                Expect(message.GetProperty("message").GetRawText() == content, "its own publication as it was sent");
                break;
            }
        }

        await socket.SendTextAsync($$"""{"type":"leave-room","room":"{{room}}"}""");
        await UntilAsync(socket, "left-room");
    }

    private static string Text(Random random)
    {
        Span<char> text = stackalloc char[(int)Math.Pow(4000, random.NextDouble())];
        foreach (ref char letter in text)
        {
            letter = (char)('a' + random.Next(26));
        }

        return new string(text);
    }

    private static async Task<JsonElement> UntilAsync(WebSocketConnection socket, string type)
    {
        while (true)
        {
            WebSocketMessage message = await socket.ReadAsync();
            using JsonDocument document = JsonDocument.Parse(message.Payload);
            string? actual = document.RootElement.GetProperty("type").GetString();
            Expect(actual != "error", $"{type}; it was {document.RootElement}");
            if (actual == type)
            {
                return document.RootElement.Clone();
            }
        }
    }
}
