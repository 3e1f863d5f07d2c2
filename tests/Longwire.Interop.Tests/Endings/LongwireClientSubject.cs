using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Longwire.Client;
using Longwire.Conformance;
using Longwire.Transport.Linux;

namespace Longwire.Interop.Tests.Endings;

/// <summary>Longwire's clients, each connection to a server that is spoken by hand.</summary>
internal sealed class LongwireClientSubject(string transport, string form) : EndingSubject
{
    private readonly X509Certificate2? _certificate = transport == "TLS" ? EchoApplication.CreateCertificate() : null;
    private readonly EventLoopGroup? _loops = transport is "stream" or "TLS"
        ? null
        : new EventLoopGroup(
            new EventLoopOptions { Kind = transport == "epoll" ? EventLoopKind.Epoll : EventLoopKind.IoUring, LoopCount = 1 }
        );

    /// <summary>The transport of the connections, as docs/ENDINGS.md names it.</summary>
    public static string[] Transports { get; } = ["epoll", "io_uring", "TLS", "stream"];

    public static string[] Forms { get; } = ["function", "handler"];

    protected override bool IsServer => false;

    public override async ValueTask DisposeAsync()
    {
        _certificate?.Dispose();
        if (_loops is not null)
        {
            await _loops.DisposeAsync();
        }
    }

    protected override async Task<Peer> OpenAsync(string application)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<WebSocketConnection> opening = ConnectAsync(
            new Uri($"{(_certificate is null ? "ws" : "wss")}://127.0.0.1:{port}/"),
            LongwireApplication.OptionsOf(application),
            form == "handler" ? LongwireApplication.CreateHandler(application, Report) : null
        );
        Socket socket = await listener.AcceptSocketAsync(cancellation);
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is not null)
        {
            var tls = new TlsStream((NetworkStream)stream);
            await tls.AuthenticateAsServerAsync(_certificate);
            stream = tls;
        }

        HttpHead? request = await HttpReader.ReadAsync(stream, Patience.Short, cancellation);
        Assert.NotNull(request);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(HandshakeAnswer.For(request).ToString()), cancellation);
        var peer = new Peer(stream, suiteIsClient: false, null, request.Rest, new WireLog(200, 48));
        peer.Start();
        if (form != "handler")
        {
            _ = ReadAsync(await opening, application);
        }

        return peer;
    }

    private Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketConnectionOptions options, WebSocketHandler? handler)
    {
        if (_loops is not null)
        {
            return new LoopWebSocketClient(_loops, new LoopWebSocketClientOptions { Connection = options }).ConnectAsync(uri, handler);
        }

#pragma warning disable CA5359 // The test made the certificate.
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        var clientOptions = new WebSocketClientOptions
        {
            UseProxy = false,
            Connection = options,
            Tls = tls,
        };
        return handler is null
            ? WebSocketClient.ConnectAsync(uri, clientOptions)
            : WebSocketClient.ConnectAsync(uri, handler, clientOptions);
    }

    private async Task ReadAsync(WebSocketConnection socket, string application)
    {
        try
        {
            await LongwireApplication.RunAsync(socket, application, Report);
        }
        catch (InvalidOperationException)
        {
            // An endpoint does this for a function that throws; a client's application does it by itself.
            socket.TryClose(CloseStatus.InternalError);
        }
    }
}
