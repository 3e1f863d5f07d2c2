using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.AspNetCore.Tests;

/// <summary>Which way the bytes take: the raw pipe where the host offers it, the upgraded stream elsewhere.</summary>
public sealed class TransportTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_Kestrel_the_connection_is_fed_by_the_raw_pipe_with_TLS_and_without(bool tls)
    {
        using X509Certificate2? certificate = tls ? TestServer.CreateCertificate() : null;
        var streams = new List<WatchedStream>();
        await using TestServer server = await TestServer.StartAsync(
            application =>
            {
                application.Use(next => context => next(Wrap(context, hidePipe: false, streams)));
                application.UseRouting();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            certificate: certificate);
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
        await using TestServer server = await TestServer.StartAsync(
            application =>
            {
                application.Use(next => context => next(Wrap(context, hidePipe: true, streams)));
                application.UseRouting();
                application.MapWebSocket("/echo", new EchoHandler());
            },
            certificate: certificate);
        await AssertEchoesAsync(server, tls);
        Assert.True(Assert.Single(streams).WasUsed);
    }

    [Fact]
    public async Task A_stream_s_connection_can_be_aborted_while_the_peer_is_silent()
    {
        var streams = new List<WatchedStream>();
        await using TestServer server = await TestServer.StartAsync(application =>
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

    /// <summary>What a host without <see cref="IConnectionTransportFeature"/> offers.</summary>
    private sealed class HidingFeatures(IFeatureCollection inner, bool hidePipe) : FeatureCollection(inner), IFeatureCollection
    {
        TFeature? IFeatureCollection.Get<TFeature>()
            where TFeature : default
            => hidePipe && typeof(TFeature) == typeof(IConnectionTransportFeature) ? default : Get<TFeature>();

        object? IFeatureCollection.this[Type key]
        {
            get => hidePipe && key == typeof(IConnectionTransportFeature) ? null : this[key];
            set => this[key] = value;
        }
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

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

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
