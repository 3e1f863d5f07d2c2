using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Longwire.AspNetCore.Tests;

public abstract class ShutdownTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : ShutdownTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ShutdownTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ShutdownTests(ServerTransport.IoUring);

    [Fact]
    public async Task Clients_get_1001_and_the_host_stops()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/echo", new EchoHandler());
            application.MapWebSocket("/read", static async (socket, token) => await socket.ReadAsync(token));
        });
        using RawClient handled = await RawClient.OpenAsync(server);
        using RawClient read = await RawClient.OpenAsync(server, "/read");
        await Patience.UntilAsync(() => server.Connections.Count == 2, "both are open");
        Task stopping = server.StopAsync();
        foreach (RawClient client in new[] { handled, read })
        {
            Assert.Equal((1001, "Going away"), await client.ReadCloseAsync());
            await client.SendCloseAsync(1001);
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await stopping.WaitAsync(Patience.Long);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Peers_that_never_answer_and_functions_that_only_send_do_not_hold_the_host()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/echo", new EchoHandler());
            application.MapWebSocket(
                "/flood",
                static async (socket, token) =>
                {
                    byte[] much = new byte[64 << 10];
                    while (true)
                    {
                        await socket.SendAsync(much, MessageType.Binary, token);
                    }
                }
            );
        });
        using RawClient silent = await RawClient.OpenAsync(server);
        // It never reads, so that its server is stuck in a send.
        using RawClient stuck = await RawClient.OpenAsync(server, "/flood");
        await Patience.UntilAsync(
            () => server.Connections.ToArray().Any(static connection => connection.PendingSendBytes > 512 << 10),
            "a send is stuck"
        );
        await server.StopAsync().WaitAsync(Patience.Long);
        Assert.Equal(0, server.Connections.Count);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_handshake_that_is_under_way_when_the_host_stops_does_not_hold_it()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint =>
                {
                    endpoint.Connection = endpoint.Connection with { CloseTimeout = Timeout.InfiniteTimeSpan };
                    endpoint.CreateUserState = async _ =>
                    {
                        arrived.SetResult();
                        await goOn.Task;
                        return null;
                    };
                }
            )
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync(new HandshakeRequest().ToString());
        await arrived.Task.WaitAsync(Patience.Long);
        Task stopping = server.StopAsync();
        await Patience.UntilAsync(() => server.Connections.IsStopping, "the host is stopping");
        goOn.SetResult();
        await stopping.WaitAsync(Patience.Long);
        Assert.Equal(0, server.Connections.Count);
    }

    [Theory]
    [InlineData(false, new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ' })]
    [InlineData(true, new byte[] { 0x16, 3, 1, 1, 0, 1, 0 })]
    public async Task Half_of_a_request_or_of_a_TLS_handshake_does_not_hold_the_host(bool tls, byte[] half)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            WaitForEver,
            certificate: certificate
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync(half);
        await server.StopAsync().WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task A_frozen_peer_of_HTTP_2_does_not_hold_the_host()
    {
        using X509Certificate2 certificate = TestServer.CreateCertificate();
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            WaitForEver,
            certificate: certificate,
            protocols: HttpProtocols.Http1AndHttp2
        );
        FreezingStream? wire = null;
        using var invoker = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
                PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(wire = new FreezingStream(context.PlaintextStream)),
            }
        );
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            new Uri($"wss://localhost:{server.Port}/echo"),
            new WebSocketClientOptions { HttpVersion = HttpVersion.Version20, Invoker = invoker }
        );
        await socket.SendTextAsync("hello");
        Assert.Equal("hello", (await socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        wire!.Freeze();
        await server.StopAsync().WaitAsync(Patience.Long);
        socket.Abort();
    }

    [Fact]
    public async Task A_request_that_is_under_way_is_waited_for_however_long_it_takes()
    {
        var time = new HastyClock();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(
            application =>
                application.MapGet(
                    "/report",
                    async () =>
                    {
                        arrived.SetResult();
                        await goOn.Task;
                        return "the whole report";
                    }
                ),
            services =>
            {
                WaitForEver(services);
                services.AddSingleton<TimeProvider>(time);
            }
        );
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        Task<string> report = client.GetStringAsync("/report");
        await arrived.Task.WaitAsync(Patience.Long);
        Task stopping = server.StopAsync();
        await Patience.UntilAsync(() => server.Connections.IsStopping, "the host is stopping");
        int before = time.Ticks;
        await Patience.UntilAsync(() => time.Ticks - before > 50, "the time has passed many times");
        Assert.False(stopping.IsCompleted);
        goOn.SetResult();
        Assert.Equal("the whole report", await report.WaitAsync(Patience.Long));
        await stopping.WaitAsync(Patience.Long);
    }

    private static void WaitForEver(IServiceCollection services) =>
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);

    // Every timer comes at once, again and again.
    private sealed class HastyClock : TimeProvider
    {
        private int _ticks;

        public int Ticks => Volatile.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(
                state =>
                {
                    callback(state);
                    Interlocked.Increment(ref _ticks);
                },
                state,
                TimeSpan.FromMilliseconds(1),
                period == Timeout.InfiniteTimeSpan ? period : TimeSpan.FromMilliseconds(1)
            );
    }

    // From when it is frozen it takes nothing and gives nothing, and TCP lives on.
    private sealed class FreezingStream(Stream inner) : Stream
    {
        private readonly TaskCompletionSource _never = new();
        private volatile bool _isFrozen;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Freeze() => _isFrozen = true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            await UnlessFrozenAsync(cancellationToken);
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await UnlessFrozenAsync(cancellationToken);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }

        private Task UnlessFrozenAsync(CancellationToken cancellationToken) =>
            _isFrozen ? _never.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }
}
