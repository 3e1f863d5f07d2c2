using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Soak;

/// <summary>
/// Messages of all sizes come back as they went: whole or fragmented, compressed or not. Then the connection is closed, or dropped.
/// </summary>
internal sealed class EchoVisit : Visit
{
    public override string Name => "echo";

    public override async Task RunAsync(SoakTarget target, Random random)
    {
        bool deflate = random.Next(3) == 0;
        var options = new WebSocketClientOptions
        {
            UseProxy = false,
            Connection = new WebSocketConnectionOptions
            {
                MaxMessageBytes = 4 << 20,
                Deflate = new DeflateOptions { Enabled = deflate, ThresholdBytes = 0 },
            },
        };
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(target.WebSocket(random.Next(2) == 0 ? "/echo" : "/read"), options);
        try
        {
            Expect(deflate == (socket.Deflate is not null), "compression as it was asked for");
            (MessageType Type, byte[] Payload, int Fragments)[] messages =
            [
                .. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Message(random)),
            ];
            // Some don't wait for all of the answers.
            int answers = random.Next(5) == 0 ? random.Next(messages.Length) : messages.Length;
            Task sending = SendAsync(socket, messages);
            for (int i = 0; i < answers; i++)
            {
                WebSocketMessage echo = await socket.ReadAsync();
                Expect(
                    echo.Type == messages[i].Type && echo.Payload.Span.SequenceEqual(messages[i].Payload),
                    $"the echo of message {i}, {messages[i].Payload.Length} bytes of {messages[i].Type}; it was {echo.Payload.Length} of {echo.Type}"
                );
            }

            if (answers < messages.Length)
            {
                socket.Abort();
                await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
                return;
            }

            await sending;
            if (random.Next(4) == 0)
            {
                await socket.PingAsync();
            }

            if (random.Next(4) == 0)
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

    private static (MessageType Type, byte[] Payload, int Fragments) Message(Random random)
    {
        int length = Payload.Length(random);
        bool text = random.Next(2) == 0;
        return (
            text ? MessageType.Text : MessageType.Binary,
            text ? Payload.Text(random, length) : Payload.Binary(random, length),
            random.Next(3) == 0 ? random.Next(1, 20) : 0
        );
    }

    private static async Task SendAsync(WebSocketConnection socket, (MessageType Type, byte[] Payload, int Fragments)[] messages)
    {
        await Task.Yield();
        foreach ((MessageType type, byte[] payload, int fragments) in messages)
        {
            if (fragments == 0)
            {
                await socket.SendAsync(payload, type);
                continue;
            }

            await using WebSocketWriteStream stream = await socket.OpenMessageAsync(type);
            int size = Math.Max(payload.Length / fragments, 1);
            for (int at = 0; at < payload.Length; at += size)
            {
                await stream.WriteAsync(payload.AsMemory(at, Math.Min(size, payload.Length - at)));
            }

            await stream.CompleteAsync();
        }
    }
}
