using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Longwire.Client;

namespace Longwire.Interop.Tests;

/// <summary>
/// A reverse proxy before Longwire's server, in a process of its own. It listens on sockets in a temporary folder, as it could not tell
/// which port the kernel chose for it.
/// </summary>
internal sealed partial class ReverseProxy : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _certificate;
    private readonly ChildProcess _process;

    private ReverseProxy(string name, int port, X509Certificate2 certificate)
    {
        _certificate = certificate;
        _process =
            name == "nginx"
                ? ChildProcess.Start(
                    Places.Nginx,
                    "-e",
                    "stderr",
                    "-p",
                    _folder.Path,
                    "-c",
                    ProxyFiles.WriteNginx(_folder, port, _certificate)
                )
                : ChildProcess.Start(Places.HAProxy, "-W", "-db", "-f", ProxyFiles.WriteHAProxy(_folder, port, _certificate));
    }

    /// <summary>The proxies.</summary>
    public static string[] Names => ["nginx", "haproxy"];

    /// <summary>Starts a proxy, and waits until it listens.</summary>
    public static async Task<ReverseProxy> StartAsync(string name, int port, X509Certificate2 certificate)
    {
        var proxy = new ReverseProxy(name, port, certificate);
        await proxy._process.Errors.WaitForAsync(ListeningLine(), patience: Patience.Long);
        return proxy;
    }

    /// <summary>Connects through the proxy, with one of its schemes, "ws" or "wss".</summary>
    public Task<WebSocketConnection> ConnectAsync(
        string scheme,
        string path,
        WebSocketClientOptions? options = null,
        ControlFrameWitness? witness = null
    ) =>
        WebSocketClient.ConnectAsync(
            new Uri($"{scheme}://localhost{path}"),
            (options ?? new()) with
            {
                Invoker = new HttpMessageInvoker(CreateHandler(scheme, witness)),
            }
        );

    /// <summary>Ends the proxy as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc/>
    public override string ToString() => _process.Errors.ToString();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A handler of requests that go through the proxy, with one of its schemes.</summary>
    public SocketsHttpHandler CreateHandler(string scheme, ControlFrameWitness? witness = null) =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate?.GetCertHashString() == _certificate.GetCertHashString(),
            },
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_folder[scheme]), cancellationToken);
                var stream = new NetworkStream(socket, ownsSocket: true);
                return witness?.Watch(stream) ?? stream;
            },
        };

    [GeneratedRegex("""using the "epoll" event method|Loading success""")]
    private static partial Regex ListeningLine();
}
