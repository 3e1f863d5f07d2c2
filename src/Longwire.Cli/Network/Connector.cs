using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Longwire.Client;

namespace Longwire.Cli.Network;

/// <summary>
/// Opens WebSocket connections with the client, and knows of it what the client's caller usually needn't: how long each step took,
/// which of proxy and server failed, and, with a tap, what went over the wire.
/// </summary>
internal sealed class Connector : IDisposable
{
    private readonly NetworkOptions _options;
    private readonly SslClientAuthenticationOptions _tls;
    private readonly SocketsHttpHandler _http;
    private readonly HttpMessageInvoker _invoker;
    private long _connected;
    private DnsEndPoint? _failed;

    /// <exception cref="FormatException">A certificate can't be read.</exception>
    public Connector(NetworkOptions options, WireTap? tap = null)
    {
        _options = options;
        _tls = TlsOptions.Create(options);
        _http = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            UseProxy = options.UseProxy,
            Proxy = options.ToWebProxy(),
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
            SslOptions = _tls,
            ConnectCallback = ConnectAsync,
            PlaintextStreamFilter = (context, _) =>
            {
                if (context.InitialRequestMessage.RequestUri is { Scheme: "wss" })
                {
                    Times.Tls = Stopwatch.GetElapsedTime(_connected);
                }

                // A proxy's tunnel is no part of the conversation.
                bool isTunnel = context.InitialRequestMessage.Method == HttpMethod.Connect;
                return ValueTask.FromResult(tap is null || isTunnel ? context.PlaintextStream : tap.Wrap(context.PlaintextStream));
            },
        };
        _invoker = new HttpMessageInvoker(_http);
    }

    public ConnectTimes Times { get; } = new();

    /// <summary>Opens a connection.</summary>
    /// <exception cref="WebSocketHandshakeException">There is none; its message names the proxy where that failed.</exception>
    public async Task<WebSocketConnection> ConnectAsync(
        Uri address,
        WebSocketClientOptions options,
        WebSocketHandler? handler,
        CancellationToken cancellationToken
    )
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            WebSocketConnection connection = await WebSocketClient.ConnectAsync(
                address,
                handler,
                options with
                {
                    Invoker = _invoker,
                },
                cancellationToken
            );
            Times.Upgrade = Stopwatch.GetElapsedTime(began) - Times.Name - Times.Tcp - Times.Tls;
            return connection;
        }
        catch (WebSocketHandshakeException exception) when (ProxyFault(address, exception) is { } fault)
        {
            throw new WebSocketHandshakeException(fault, null, innerException: exception.InnerException);
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        try
        {
            Socket socket = await TcpDialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, Times, cancellationToken);
            _connected = Stopwatch.GetTimestamp();
            var stream = new NetworkStream(socket, ownsSocket: true);
            return _options.ServerName is null ? stream : await AuthenticateAsync(stream, cancellationToken);
        }
        catch (SocketException)
        {
            _failed = context.DnsEndPoint;
            throw;
        }
    }

    // The platform takes the server's name from the address, unless it is handed a stream that speaks TLS already.
    private async Task<Stream> AuthenticateAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(_tls, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private string? ProxyFault(Uri address, WebSocketHandshakeException exception)
    {
        if (_options.ProxyFor(address) is not var (proxy, source))
        {
            return null;
        }

        string name = $"The proxy {proxy.Host}:{proxy.Port} ({source})";
        if (exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused)
        {
            string status = refused.StatusCode is { } code ? $"{(int)code} {code}" : "an answer that is none";
            string advice =
                refused.StatusCode == HttpStatusCode.ProxyAuthenticationRequired
                    ? " It wants a user and password, as http://user:password@host:port."
                    : " It may not tunnel to this port.";
            return $"{name} refuses to connect to {address.Authority}: {status}.{advice}";
        }

        return _failed is { } failed && failed.Port == proxy.Port && failed.Host == proxy.Host.Trim('[', ']')
            ? $"{name} can't be reached: {Reason(exception)}. --no-proxy connects directly."
            : null;
    }

    private static string Reason(WebSocketHandshakeException exception)
    {
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name can't be resolved",
                    SocketError.ConnectionRefused => "connection refused",
                    _ => socket.Message,
                };
            }

            if (inner is AuthenticationException tls)
            {
                return tls.Message;
            }
        }

        return exception.Message;
    }
}
