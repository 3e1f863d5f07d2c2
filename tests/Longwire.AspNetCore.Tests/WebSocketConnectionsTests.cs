using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.AspNetCore.Tests;

public abstract class WebSocketConnectionsTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : WebSocketConnectionsTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : WebSocketConnectionsTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : WebSocketConnectionsTests(ServerTransport.IoUring);

    [Fact]
    public async Task Many_connections_that_come_and_go_in_all_ways_at_once_leave_nothing_behind()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/echo", new EchoHandler());
            application.MapWebSocket(
                "/read",
                static async (socket, token) =>
                {
                    await foreach (WebSocketMessage message in socket.ReadAllAsync(token))
                    {
                        await socket.SendTextAsync(message.Text, token);
                    }
                }
            );
        });
        await Parallel.ForAsync(
            0,
            200,
            new ParallelOptions { MaxDegreeOfParallelism = 20 },
            async (number, _) =>
            {
                using RawClient client = await RawClient.OpenAsync(server, number % 2 == 0 ? "/echo" : "/read");
                await client.SendTextAsync("hello");
                Assert.Equal("hello", await client.ReadTextAsync());
                switch (number % 5)
                {
                    case 0:
                        await client.SendCloseAsync(1000);
                        Assert.Equal(1000, (await client.ReadCloseAsync()).Status);
                        break;
                    case 1:
                        client.Reset();
                        break;
                    case 2:
                        await client.SendAsync("no frame at all");
                        break;
                    case 3:
                        await client.SendAsync(new byte[] { 0x81 });
                        break;
                }
            }
        );
        await Patience.UntilAsync(() => server.Connections.Count == 0, "all connections are forgotten");
        Assert.Empty(server.Connections.ToArray());
        await server.StopAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Open_connections_are_counted_and_listed()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        using RawClient first = await RawClient.OpenAsync(server);
        using RawClient second = await RawClient.OpenAsync(server);
        await Patience.UntilAsync(() => server.Connections.Count == 2, "both are counted");
        Assert.All(server.Connections.ToArray(), static connection => Assert.Equal(WebSocketPhase.Open, connection.State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_OnClose_the_connection_that_closes_is_counted_no_more(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        var handler = new CountingHandler();
        await using TestServer server = await StartServerAsync(
            application => application.MapWebSocket("/echo", handler),
            certificate: certificate
        );
        handler.Connections = server.Connections;
        using RawClient first = await RawClient.OpenAsync(server, tls: tls);
        using RawClient second = await RawClient.OpenAsync(server, tls: tls);
        await Patience.UntilAsync(() => server.Connections.Count == 2, "both are counted");
        await first.SendCloseAsync(1000);
        Assert.Equal(1, await handler.CountWhenClosed);
    }

    [Fact]
    public async Task An_abort_on_the_server_ends_TCP()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        using RawClient client = await RawClient.OpenAsync(server);
        await Patience.UntilAsync(() => server.Connections.Count == 1, "it is counted");
        Assert.Single(server.Connections.ToArray()).Abort();
        Assert.Equal(1006, (await client.ReadCloseAsync()).Status);
        await Patience.UntilAsync(() => server.Connections.Count == 0, "it is forgotten");
    }

    [Fact]
    public async Task Metrics_tell_what_was_opened_what_was_refused_and_what_is_active()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        var measured = new ConcurrentQueue<(string Name, long Value, object? Status)>();
        IMeterFactory meters = server.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == WebSocketConnections.MeterName && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        Record<long>();
        Record<int>();
        listener.Start();

        using RawClient client = await RawClient.OpenAsync(server);
        await RawClient.AskAsync(server, new HandshakeRequest().With("Origin", "https://evil.example"));
        await client.SendTextAsync("hello");
        await client.ReadTextAsync();
        listener.RecordObservableInstruments();

        Assert.Contains(("longwire.connections.opened", 1L, null), measured);
        Assert.Contains(("longwire.connections.refused", 1L, 403), measured);
        Assert.Contains(("longwire.connections.active", 1L, null), measured);

        void Record<T>()
            where T : struct, IConvertible =>
            listener.SetMeasurementEventCallback<T>(
                (instrument, value, tags, _) =>
                    measured.Enqueue((instrument.Name, value.ToInt64(null), tags.Length == 0 ? null : tags[0].Value))
            );
    }

    private sealed class CountingHandler : WebSocketHandler
    {
        private readonly TaskCompletionSource<int> _count = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WebSocketConnections Connections { get; set; } = null!;

        public Task<int> CountWhenClosed => _count.Task.WaitAsync(Patience.Long);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) { }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
            _count.TrySetResult(Connections.Count);
    }
}
