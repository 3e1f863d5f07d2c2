using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.AspNetCore.Tests;

/// <summary>The peer's end in one direction: what came whole before it is read, answered and closed all the same.</summary>
public abstract class EndingTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : EndingTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : EndingTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : EndingTests(ServerTransport.IoUring);

    private const int Clients = 25;
    private const int Messages = 10;

    private readonly ConcurrentQueue<string> _received = [];
    private readonly ConcurrentQueue<Exception> _failures = [];
    private readonly ConcurrentQueue<WebSocketConnection> _connections = [];

    public enum Served
    {
        ByFunction,
        ByFunctionWithTls,
        ByFunctionWithRequest,
        ByHandler,
    }

    public static TheoryData<Served> AllServed =>
        [Served.ByFunction, Served.ByFunctionWithTls, Served.ByFunctionWithRequest, Served.ByHandler];

    [Theory]
    [MemberData(nameof(AllServed))]
    public async Task A_peer_that_sends_its_messages_and_its_Close_and_half_closes_gets_every_answer_and_the_Close(Served served)
    {
        await using TestServer server = await StartAsync(served);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AskAndHalfCloseAsync(server, served, client, close: true)));
        await UntilAllIsOverAsync(server, Clients);
        Assert.Equal(Clients * Messages, _received.Count);
        Assert.All(_connections, static connection => Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus));
        Assert.Empty(_failures);
    }

    [Theory]
    [MemberData(nameof(AllServed))]
    public async Task A_peer_that_half_closes_without_a_Close_gets_every_answer_and_the_end_is_1006(Served served)
    {
        await using TestServer server = await StartAsync(served);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AskAndHalfCloseAsync(server, served, client, close: false)));
        await UntilAllIsOverAsync(server, Clients);
        Assert.Equal(Clients * Messages, _received.Count);
        Assert.All(_connections, static connection => Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus));
        Assert.Empty(_failures);
    }

    [Theory]
    [MemberData(nameof(AllServed))]
    public async Task A_peer_that_sends_its_messages_and_is_gone_is_heard_to_the_last(Served served)
    {
        await using TestServer server = await StartAsync(served);
        for (int i = 0; i < Clients; i++)
        {
            using RawClient client = await RawClient.OpenAsync(server, tls: served == Served.ByFunctionWithTls);
            await client.SendAsync(Batch(i));
        }

        await UntilAllIsOverAsync(server, Clients);
        Assert.Equal(Clients * Messages, _received.Count);
        Assert.Empty(_failures);
    }

    [Theory]
    [InlineData(Served.ByFunction)]
    [InlineData(Served.ByFunctionWithRequest)]
    [InlineData(Served.ByHandler)]
    public async Task A_request_its_messages_a_Close_and_the_end_in_one_packet_are_served_answered_and_counted(Served served)
    {
        await using TestServer server = await StartAsync(served);
        int unanswered = 0;
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async i =>
                {
                    using RawClient client = await RawClient.ConnectAsync(server);
                    byte[] request = System.Text.Encoding.Latin1.GetBytes(new HandshakeRequest().ToString());
                    await client.SendAsync((byte[])[.. request, .. Batch(i), .. RawClient.Frame(0x88, [3, 232])]);
                    client.EndSending();
                    if (Transport == ServerTransport.Kestrel && await client.HasEndedAsync())
                    {
                        // Kestrel's own sockets take the end for a client that is gone, and then refuse to write the 101.
                        Interlocked.Increment(ref unanswered);
                        return;
                    }

                    Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
                    await AssertAnsweredAsync(client, i);
                    Assert.Equal((1000, ""), await client.ReadCloseAsync());
                    Assert.Null(await client.ReadFrameAsync());
                })
        );
        await Patience.UntilAsync(() => server.Connections.Count == 0, "all connections are over");
        // Nobody is answered in part, and nobody is heard in part.
        Assert.InRange(_received.Count, (Clients - unanswered) * Messages, Clients * Messages);
        Assert.Equal(0, _received.Count % Messages);
        Assert.Equal(_connections.Count, server.Connections.Opened);
        Assert.Empty(_failures);
    }

    private async Task<TestServer> StartAsync(Served served)
    {
        X509Certificate2? certificate = served == Served.ByFunctionWithTls ? TestServer.CreateCertificate() : null;
        return await StartServerAsync(
            application =>
            {
                switch (served)
                {
                    case Served.ByFunctionWithRequest:
                        application.MapWebSocket("/echo", (socket, _, token) => AnswerAsync(socket, token));
                        break;
                    case Served.ByHandler:
                        application.MapWebSocket("/echo", new Answering(this));
                        break;
                    default:
                        application.MapWebSocket("/echo", AnswerAsync);
                        break;
                }
            },
            certificate: certificate
        );
    }

    // It answers each message before it asks for the next, a little later than it could.
    private async Task AnswerAsync(WebSocketConnection connection, CancellationToken token)
    {
        _connections.Enqueue(connection);
        try
        {
            await foreach (WebSocketMessage message in connection.ReadAllAsync(token))
            {
                string text = message.Text;
                _received.Enqueue(text);
                await Task.Yield();
                await connection.SendTextAsync("re " + text, token);
            }
        }
        catch (Exception exception)
        {
            _failures.Enqueue(exception);
            throw;
        }
    }

    private static async Task AskAndHalfCloseAsync(TestServer server, Served served, int number, bool close)
    {
        using RawClient client = await RawClient.OpenAsync(server, tls: served == Served.ByFunctionWithTls);
        await client.SendAsync(close ? (byte[])[.. Batch(number), .. RawClient.Frame(0x88, [3, 232])] : Batch(number));
        client.EndSending();
        await AssertAnsweredAsync(client, number);
        Assert.Equal(close ? (1000, "") : (1006, ""), await client.ReadCloseAsync());
        Assert.Null(await client.ReadFrameAsync());
    }

    private static byte[] Batch(int client) =>
        [
            .. Enumerable
                .Range(0, Messages)
                .SelectMany(message => RawClient.Frame(0x81, System.Text.Encoding.UTF8.GetBytes($"{client}.{message}"))),
        ];

    private static async Task AssertAnsweredAsync(RawClient client, int number)
    {
        for (int i = 0; i < Messages; i++)
        {
            Assert.Equal($"re {number}.{i}", await client.ReadTextAsync());
        }
    }

    private async Task UntilAllIsOverAsync(TestServer server, int count)
    {
        await Patience.UntilAsync(() => server.Connections is { Count: 0 } all && all.Opened == count, "all connections are over");
        await Patience.UntilAsync(
            () => _connections.Count == count && _connections.All(static connection => connection.Completion.IsCompleted),
            "all have been served"
        );
    }

    private sealed class Answering(EndingTests test) : WebSocketHandler
    {
        public override void OnOpen(WebSocketConnection connection) => test._connections.Enqueue(connection);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            string text = System.Text.Encoding.UTF8.GetString(payload);
            test._received.Enqueue(text);
            connection.TrySend(System.Text.Encoding.UTF8.GetBytes("re " + text), type);
        }
    }
}
