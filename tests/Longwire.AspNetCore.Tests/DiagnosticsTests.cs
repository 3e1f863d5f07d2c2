using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Longwire.AspNetCore.Tests;

/// <summary>Each end of a connection is counted by its status, and those that a peer brings about by its silence are logged.</summary>
public abstract class DiagnosticsTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : DiagnosticsTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : DiagnosticsTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : DiagnosticsTests(ServerTransport.IoUring);

    private readonly ConcurrentQueue<(string Name, object? Tag)> _measured = [];

    [Fact]
    public async Task Ends_are_counted_by_their_status()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        using MeterListener listener = Listen(server);
        using (RawClient closes = await RawClient.OpenAsync(server))
        {
            await closes.SendCloseAsync(4007);
            Assert.Equal(4007, (await closes.ReadCloseAsync()).Status);
        }

        using (RawClient breaks = await RawClient.OpenAsync(server))
        {
            // A client's frames are masked.
            await breaks.SendAsync((byte[])[0x81, 0x01, (byte)'x']);
            Assert.Equal(1002, (await breaks.ReadCloseAsync()).Status);
        }

        using (RawClient leaves = await RawClient.OpenAsync(server))
        {
            leaves.Reset();
        }

        await Patience.UntilAsync(() => _measured.Count(static one => one.Name == "longwire.connections.closed") == 3, "all are counted");
        Assert.Equal(
            [1002, 1006, 4007],
            _measured.Where(static one => one.Name == "longwire.connections.closed").Select(static one => (int)one.Tag!).Order()
        );
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_aborted_counted_and_logged()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint =>
                    endpoint.Connection = endpoint.Connection with
                    {
                        PingInterval = TimeSpan.FromMilliseconds(100),
                        PongTimeout = TimeSpan.FromMilliseconds(100),
                    }
            )
        );
        using MeterListener listener = Listen(server);
        using RawClient silent = await RawClient.OpenAsync(server);
        await Patience.UntilAsync(
            () => _measured.Contains(("longwire.connections.aborted", nameof(ConnectionAbortCause.PeerDead))),
            "the abort is counted"
        );
        (string _, EventId id, string text) = Assert.Single(
            server.Log.Events,
            static entry => entry.Text.Contains("answered no ping", StringComparison.Ordinal)
        );
        Assert.Equal(3, id.Id);
        Assert.Contains("/echo", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_the_Close_is_counted_as_1006_and_its_abort_is_logged()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                static endpoint => endpoint.Connection = endpoint.Connection with { CloseTimeout = TimeSpan.FromMilliseconds(100) }
            )
        );
        using MeterListener listener = Listen(server);
        using RawClient silent = await RawClient.OpenAsync(server);
        await Patience.UntilAsync(() => server.Connections.Count == 1, "it is open");
        server.Connections.ToArray().Single().TryClose(CloseStatus.NormalClosure);
        await Patience.UntilAsync(() => _measured.Contains(("longwire.connections.closed", 1006)), "the end is counted");
        // Kestrel's own sockets end both directions of TCP at once: there is nothing left to abort.
        int aborts = Transport == ServerTransport.Kestrel ? 0 : 1;
        Assert.Equal(
            aborts,
            _measured.Count(static one => one is { Name: "longwire.connections.aborted", Tag: nameof(ConnectionAbortCause.CloseTimeout) })
        );
        Assert.Equal(
            aborts,
            server.Log.Events.Count(static entry => entry.Text.Contains("did not answer the Close", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("/function")]
    [InlineData("/handler")]
    public async Task A_connection_is_a_span_of_the_requests_trace(string path)
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is WebSocketConnections.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == trace ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            // It hears of the spans that other tests' listeners asked for, too.
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var inside = new TaskCompletionSource<ActivityTraceId?>();
        await using TestServer server = await StartServerAsync(application =>
        {
            application.MapWebSocket("/handler", new EchoHandler());
            application.MapWebSocket(
                "/function",
                async (WebSocketConnection connection) =>
                {
                    inside.TrySetResult(Activity.Current?.TraceId);
                    await foreach (WebSocketMessage _ in connection.ReadAllAsync())
                    {
                        // Nothing is answered.
                    }
                }
            );
        });
        var request = new HandshakeRequest { Path = path };
        request.And("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        using (RawClient client = await RawClient.ConnectAsync(server))
        {
            Assert.Equal("HTTP/1.1 101 Switching Protocols", (await client.AskAsync(request)).StatusLine);
            Assert.Empty(ended);
            await client.SendCloseAsync(4007);
            Assert.Equal(4007, (await client.ReadCloseAsync()).Status);
        }

        await Patience.UntilAsync(() => ended.Count == 1, "the span has ended");
        Activity span = ended.Single();
        Assert.Equal("WebSocket " + path, span.DisplayName);
        Assert.Equal(ActivityKind.Server, span.Kind);
        Assert.Equal(path, span.GetTagItem("http.route"));
        Assert.Equal(4007, span.GetTagItem("longwire.close.status"));
        Assert.Null(span.Parent);
        Assert.NotEqual(default, span.ParentSpanId);
        if (path == "/function")
        {
            Assert.Equal(trace, await inside.Task);
        }
    }

    [Fact]
    public async Task An_observer_sees_the_frames_of_both_directions()
    {
        var observer = new Observer();
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint => endpoint.Connection = endpoint.Connection with { FrameObserver = observer }
            )
        );
        // Many at once: the loops answer these in place.
        const int Messages = 100;
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendAsync((byte[])[.. Enumerable.Range(0, Messages).SelectMany(static i => RawClient.Frame(0x81, new byte[i]))]);
        await client.SendCloseAsync(1000);
        Assert.Equal(1000, (await client.ReadCloseAsync()).Status);
        (Opcode, long)[] expected = [.. Enumerable.Range(0, Messages).Select(static i => (Opcode.Text, (long)i)), (Opcode.Close, 2)];
        foreach (bool sent in (bool[])[false, true])
        {
            await Patience.UntilAsync(() => observer.Frames.Count(frame => frame.IsSent == sent) == Messages + 1, "all were seen");
            Assert.Equal(
                expected,
                observer.Frames.Where(frame => frame.IsSent == sent).Select(static frame => (frame.Opcode, frame.PayloadLength))
            );
        }
    }

    private sealed class Observer : IWebSocketFrameObserver
    {
        public ConcurrentQueue<WebSocketFrame> Frames { get; } = [];

        public void OnFrame(WebSocketConnection connection, in WebSocketFrame frame) => Frames.Enqueue(frame);
    }

    private MeterListener Listen(TestServer server)
    {
        IMeterFactory meters = server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == WebSocketConnections.MeterName && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, _, tags, _) => _measured.Enqueue((instrument.Name, tags.IsEmpty ? null : tags[0].Value))
        );
        _ = server.Connections;
        listener.Start();
        return listener;
    }
}
