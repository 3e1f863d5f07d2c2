using Longwire.Conformance;

namespace Longwire.Interop.Tests.Endings;

/// <summary>Opens connections to a server, for a peer that is spoken by hand.</summary>
internal sealed class RawPeerOfServer(Uri address, bool tls, bool http2)
{
#pragma warning disable CA5359 // The test made the certificate.
    private static readonly ConformanceOptions _options = new() { CertificateValidation = static (_, _, _, _) => true };
#pragma warning restore CA5359

    public async Task<Peer> OpenAsync(string target)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var uri = new Uri(new UriBuilder(address) { Scheme = tls ? "wss" : "ws" }.Uri, target);
        WireLog log = new(200, 48);
        Stream stream = await new ServerTarget(uri, _options).ConnectAsync(cancellation, http2);
        if (http2)
        {
            (int status, Http2Stream? opened) = await Http2Stream.OpenAsync(
                stream,
                uri,
                [new("sec-websocket-version", "13")],
                Patience.Short,
                cancellation
            );
            Assert.Equal(200, status);
            return Start(new Peer(opened!, suiteIsClient: true, null, [], log));
        }

        HandshakeRequest request = HandshakeRequest.For(uri, _options);
        await stream.WriteAsync(request.ToOctets(), cancellation);
        HttpHead? answer = await HttpReader.ReadAsync(stream, Patience.Short, cancellation);
        Assert.NotNull(answer);
        Assert.Null(HandshakeCheck.FaultIn(answer, request));
        return Start(new Peer(stream, suiteIsClient: true, null, answer.Rest, log));
    }

    private static Peer Start(Peer peer)
    {
        peer.Start();
        return peer;
    }
}
