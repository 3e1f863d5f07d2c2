using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Longwire.AspNetCore.Tests;

/// <summary>
/// Which way the bytes take: the socket leaves the request where the transport lets it go, else it is the raw pipe where the host offers
/// it, and the upgraded stream elsewhere.
/// </summary>
public abstract class TransportTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : TransportTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : TransportTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : TransportTests(ServerTransport.IoUring);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_host_offers_its_raw_pipe_the_upgraded_stream_is_not_used_with_TLS_and_without(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        var streams = new List<WatchedStream>();
        await using TestServer server = await StartServerAsync(
            application =>
            {
                application.Use(next => context => next(Wrap(context, hidePipe: false, streams)));
                application.UseRouting();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            certificate: certificate
        );
        await AssertEchoesAsync(server, tls);
        Assert.False(Assert.Single(streams).WasUsed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_pipe_the_connection_is_fed_by_the_upgraded_stream(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        var streams = new List<WatchedStream>();
        await using TestServer server = await StartServerAsync(
            application =>
            {
                application.Use(next => context => next(Wrap(context, hidePipe: true, streams)));
                application.UseRouting();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            certificate: certificate
        );
        await AssertEchoesAsync(server, tls);
        Assert.True(Assert.Single(streams).WasUsed);
    }

    [Theory]
    [InlineData(false, HttpProtocols.Http1)]
    [InlineData(true, HttpProtocols.Http1)]
    [InlineData(true, HttpProtocols.Http2)]
    public async Task The_request_ends_with_the_handshake_on_an_event_loop_without_TLS_and_nowhere_else(bool tls, HttpProtocols protocols)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(
            application =>
            {
                application.Use(next =>
                    async context =>
                    {
                        await next(context);
                        ended.SetResult();
                    }
                );
                application.UseRouting();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            certificate: certificate,
            protocols: protocols
        );
        WebSocketConnection client = await WebSocketClient
            .ConnectAsync(
                new Uri($"{(tls ? "wss" : "ws")}://localhost:{server.Port}/echo"),
                new WebSocketClientOptions
                {
                    HttpVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                    Tls = new() { RemoteCertificateValidationCallback = (_, presented, _, _) => certificate!.Equals(presented) },
                }
            )
            .WaitAsync(Patience.Long);
        bool detached = Transport != ServerTransport.Kestrel && !tls;
        if (detached)
        {
            await ended.Task.WaitAsync(Patience.Long);
        }

        foreach (int length in new[] { 0, 1, 125, 126, 65_535, 65_536, 1_000_000 })
        {
            byte[] message = new byte[length];
            new Random(length).NextBytes(message);
            await client.SendAsync(message, MessageType.Binary);
            Assert.Equal(message, (await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Payload.ToArray());
        }

        Assert.Equal(detached, ended.Task.IsCompleted);
        await client.CloseAsync().WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.NormalClosure, client.CloseStatus);
        await ended.Task.WaitAsync(Patience.Long);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_stream_s_connection_can_be_aborted_while_the_peer_is_silent()
    {
        var streams = new List<WatchedStream>();
        await using TestServer server = await StartServerAsync(application =>
        {
            application.Use(next => context => next(Wrap(context, hidePipe: true, streams)));
            application.UseRouting();
            application.MapWebSocket("/echo", new EchoHandler());
        });
        using RawClient client = await RawClient.OpenAsync(server);
        await Patience.UntilAsync(() => server.Connections.Count == 1, "it is counted");
        Assert.Single(server.Connections.ToArray()).Abort();
        Assert.Equal(1006, (await client.ReadCloseAsync()).Status);
        await Patience.UntilAsync(() => server.Connections.Count == 0, "it is forgotten");
    }

    private static async Task AssertEchoesAsync(TestServer server, bool tls)
    {
        using RawClient client = await RawClient.ConnectAsync(server, tls);
        byte[] head = System.Text.Encoding.ASCII.GetBytes(new HandshakeRequest().ToString());
        await client.SendAsync((byte[])[.. head, .. RawClient.Frame(0x81, "right behind"u8)]);
        Assert.Equal(101, new HttpAnswer(await client.ReadHeadAsync()).Status);
        Assert.Equal("right behind", await client.ReadTextAsync());
        await client.SendTextAsync("later");
        Assert.Equal("later", await client.ReadTextAsync());
        await client.SendCloseAsync(1000);
        Assert.Equal((1000, ""), await client.ReadCloseAsync());
        Assert.Equal("", await client.ReadToEndAsync());
        await server.StopAsync();
        Assert.Empty(server.Log.Errors);
    }

    private static DefaultHttpContext Wrap(HttpContext context, bool hidePipe, List<WatchedStream> streams)
    {
        var features = new HidingFeatures(context.Features, hidePipe);
        features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(context.Features.GetRequiredFeature<IHttpUpgradeFeature>(), streams));
        return new DefaultHttpContext(features);
    }

    /// <summary>The features of a host that has nothing but a stream.</summary>
    private sealed class HidingFeatures(IFeatureCollection inner, bool hidePipe) : FeatureCollection(inner), IFeatureCollection
    {
        TFeature? IFeatureCollection.Get<TFeature>()
            where TFeature : default => hidePipe && IsOfTransport(typeof(TFeature)) ? default : Get<TFeature>();

        object? IFeatureCollection.this[Type key]
        {
            get => hidePipe && IsOfTransport(key) ? null : this[key];
            set => this[key] = value;
        }

        private static bool IsOfTransport(Type feature) =>
            feature == typeof(IConnectionTransportFeature) || feature == typeof(IDetachFeature);
    }

    private sealed class WatchedUpgrade(IHttpUpgradeFeature inner, List<WatchedStream> streams) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync()
        {
            var stream = new WatchedStream(await inner.UpgradeAsync());
            streams.Add(stream);
            return stream;
        }
    }

    private sealed class WatchedStream(Stream inner) : Stream
    {
        public bool WasUsed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasUsed = true;
            return inner.ReadAsync(buffer, cancellationToken);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasUsed = true;
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
