using System.Text;

namespace Longwire.Tests;

/// <summary>Two connections that have agreed on permessage-deflate.</summary>
public sealed class MessageCompressorTests
{
    private static (WebSocketConnection Server, WebSocketConnection Client) Connect(bool takeover)
    {
        var parameters = new DeflateParameters(
            ServerNoContextTakeover: !takeover,
            ClientNoContextTakeover: !takeover,
            ServerMaxWindowBits: 15,
            ClientMaxWindowBits: 15
        );
        var options = new DeflateOptions
        {
            Enabled = true,
            ServerNoContextTakeover = !takeover,
            ClientNoContextTakeover = !takeover,
        };
        (System.IO.Pipelines.IDuplexPipe one, System.IO.Pipelines.IDuplexPipe other) = DuplexPipe.Create();
        var connection = new WebSocketConnectionOptions
        {
            MaxMessageBytes = 4 << 20,
            SendQueueBytes = 100_000,
            ReceiveQueueBytes = 100_000,
        };
        var server = new WebSocketConnection(
            new PipeTransport(one),
            WebSocketRole.Server,
            connection,
            deflate: PerMessageDeflate.ForServer(parameters, options)
        );
        var client = new WebSocketConnection(
            new PipeTransport(other),
            WebSocketRole.Client,
            connection,
            deflate: PerMessageDeflate.ForClient(parameters, options)
        );
        server.Start();
        client.Start();
        return (server, client);
    }

    [Theory(Timeout = 600_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_all_kinds_from_many_threads_arrive_as_they_were(bool takeover)
    {
        (WebSocketConnection server, WebSocketConnection client) = Connect(takeover);
        var prepared = new PreparedMessage(Payload(9, 9), MessageType.Text);
        Task sending = Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(sender =>
                    Task.Run(async () =>
                    {
                        for (int number = 0; number < 300; number++)
                        {
                            await server.SendAsync(Payload(sender, number), MessageType.Text, compress: number % 5 != 0);
                            if (number % 7 == 0)
                            {
                                await server.SendAsync(prepared);
                            }
                        }
                    })
                )
        );
        int[] next = new int[4];
        int preparedOnes = 0;
        for (int received = 0; received < 4 * (300 + 43); received++)
        {
            WebSocketMessage message = await client.ReadAsync();
            int sender = message.Payload.Span[0] - '0';
            if (sender == 9)
            {
                Assert.Equal(prepared.Payload.ToArray(), message.Payload.ToArray());
                preparedOnes++;
            }
            else
            {
                Assert.Equal(Payload(sender, next[sender]++), message.Payload.ToArray());
            }
        }

        await sending;
        Assert.Equal(4 * 43, preparedOnes);
        byte[] large = new byte[2 << 20];
        await client.SendAsync(large, MessageType.Binary);
        Assert.Equal(large, (await server.ReadAsync()).Payload.ToArray());
        await client.CloseAsync();
        await Task.WhenAll(server.Completion, client.Completion);
        Assert.Equal((CloseStatus.NormalClosure, CloseStatus.NormalClosure), (server.CloseStatus, client.CloseStatus));
    }

    [Fact(Timeout = 600_000)]
    public async Task Aborting_while_others_compress_and_inflate_harms_nobody()
    {
        for (int round = 0; round < 30; round++)
        {
            (WebSocketConnection server, WebSocketConnection client) = Connect(takeover: round % 2 == 0);
            Task reading = Task.Run(async () =>
            {
                await foreach (WebSocketMessage message in client.ReadAllAsync())
                {
                    Assert.Equal((byte)'1', message.Payload.Span[0]);
                }
            });
            Task sending = Task.Run(async () =>
            {
                byte[] payload = Payload(1, 5000);
                try
                {
                    while (true)
                    {
                        await server.SendAsync(payload, MessageType.Text);
                    }
                }
                catch (WebSocketClosedException) { }
            });
            Thread.SpinWait(round * 1000);
            (round % 3 == 0 ? client : server).Abort();
            await Task.WhenAll(reading, sending, server.Completion, client.Completion);
        }
    }

    private static byte[] Payload(int sender, int number) =>
        Encoding.UTF8.GetBytes($"{sender} says " + string.Join(' ', Enumerable.Repeat($"message {number}", 1 + (number % 90))));
}
