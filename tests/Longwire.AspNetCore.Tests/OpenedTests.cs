using System.Collections.Concurrent;

namespace Longwire.AspNetCore.Tests;

/// <summary>A client that can read the answer to its handshake has been opened.</summary>
public abstract class OpenedTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : OpenedTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : OpenedTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : OpenedTests(ServerTransport.IoUring);

    private readonly ConcurrentQueue<WebSocketConnection> _opened = [];
    private readonly ConcurrentQueue<CloseStatus> _closed = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_has_read_the_101_is_among_those_that_a_handler_has_opened(bool tls)
    {
        await using TestServer server = await StartServerAsync(
            application => application.MapWebSocket("/echo", new Collecting(this)),
            certificate: tls ? TestServer.CreateCertificate() : null
        );
        for (int i = 1; i <= 50; i++)
        {
            using RawClient client = await RawClient.OpenAsync(server, tls: tls);
            Assert.Equal(i, _opened.Count);
            // Messages sent when it opens leave behind the 101, and before all else.
            Assert.Equal("welcome", await client.ReadTextAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_has_read_the_101_is_among_those_that_a_function_has_begun_with(bool withRequest)
    {
        async Task CollectAsync(WebSocketConnection connection, CancellationToken token)
        {
            _opened.Enqueue(connection);
            await foreach (WebSocketMessage _ in connection.ReadAllAsync(token)) { }
        }

        await using TestServer server = await StartServerAsync(application =>
        {
            if (withRequest)
            {
                application.MapWebSocket("/echo", (socket, _, token) => CollectAsync(socket, token));
            }
            else
            {
                application.MapWebSocket("/echo", CollectAsync);
            }
        });
        for (int i = 1; i <= 50; i++)
        {
            using RawClient client = await RawClient.OpenAsync(server);
            Assert.Equal(i, _opened.Count);
        }
    }

    [Fact]
    public async Task Where_the_101_can_not_be_sent_the_connection_that_was_opened_is_closed()
    {
        await using TestServer server = await StartServerAsync(
            application => application.MapWebSocket("/echo", new Collecting(this)),
            kestrel: static options => options.Limits.MaxConcurrentUpgradedConnections = 0
        );
        HttpAnswer answer = await RawClient.AskAsync(server, new HandshakeRequest());
        Assert.Equal(503, answer.Status);
        Assert.Equal(CloseStatus.Abnormal, Assert.Single(_closed));
        Assert.Single(_opened);
        await Patience.UntilAsync(() => server.Connections.Count == 0, "it is forgotten");
    }

    private sealed class Collecting(OpenedTests test) : WebSocketHandler
    {
        public override void OnOpen(WebSocketConnection connection)
        {
            test._opened.Enqueue(connection);
            connection.TrySend("welcome"u8, MessageType.Text);
        }

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) { }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) => test._closed.Enqueue(status);
    }
}
