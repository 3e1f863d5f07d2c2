using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>One attempt to open a connection: asks, follows redirects, and checks the answer.</summary>
internal sealed class HandshakeAttempt(Uri address, WebSocketClientOptions options, WebSocketHandler? handler)
{
    private const int MaxResponseHeadersKibibytes = 64;

    private readonly HttpStatusCode _success = options.HttpVersion.Major == 2 ? HttpStatusCode.OK : HttpStatusCode.SwitchingProtocols;

    // Once the chain of redirects has left the server that was named, credentials stay behind for good.
    private bool _withCredentials = true;

    private Uri _address = address;
    private DnsEndPoint? _peer;
    private FirstAnswer? _answer;
    private Socket? _socket;
    private ServerCertificate? _certificate;
    private SslClientAuthenticationOptions? _tls;
    private CancellationToken _cancellationToken;

    /// <summary>How far it has come with the server that it talks to now; with a stack of the caller's that is not to be seen.</summary>
    public HandshakeStep Step
    {
        get;
        private set
        {
            field = value;
            options.OnStep?.Invoke(value);
        }
    } = HandshakeStep.Asking;

    /// <summary>The name of the server, or of the proxy in front of it, that is connected to.</summary>
    public string Host => _peer?.Host ?? _address.IdnHost;

    /// <summary>The server, or the proxy in front of it, that is connected to; for messages.</summary>
    public string Server => IsProxied ? Proxy : _address.Authority;

    /// <summary>The proxy in front of the server; for messages.</summary>
    public string Proxy => IsProxied ? $"the proxy {_peer.Host}:{_peer.Port}" : "the proxy";

    /// <summary>The server, be there a proxy or not; for messages about TLS, which goes through a proxy.</summary>
    public string Authority => _address.Authority;

    /// <summary>The fault of the server's certificate or of the beginning of its answer; null for none.</summary>
    public string? Fault => _certificate?.Refusal is { } refusal ? $"TLS with {Authority} failed: {refusal}" : _answer?.Fault;

    public bool IsTls => _address.Scheme == Uri.UriSchemeWss;

    public bool IsHttp2 => options.HttpVersion.Major == 2;

    [MemberNotNullWhen(true, nameof(_peer))]
    private bool IsProxied => _peer is not null && (_peer.Host != _address.IdnHost || _peer.Port != _address.Port);

    public async Task<WebSocketConnection> RunAsync(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        for (int redirects = 0; ; redirects++)
        {
            (_peer, _answer, _certificate, _tls) = (null, null, null, null);
            // An open connection outlives the stack that it was opened with.
            using HttpMessageInvoker? own = options.Invoker is null ? new HttpMessageInvoker(CreateHandler()) : null;
            string? key = IsHttp2 ? null : HandshakeKey.Create(RandomNumberGenerator.GetBytes(HandshakeKey.NonceLength));
            ExtensionOffer? offer = DeflateNegotiation.CreateOffer(options.Connection.Deflate, DeflatePool.Shared.Budget);
            using HttpRequestMessage request = HandshakeRequest.Create(_address, key, offer, options, _withCredentials);
            HttpResponseMessage response = await SendAsync(options.Invoker ?? own!, request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == _success)
            {
                return await OpenAsync(response, key, offer, cancellationToken).ConfigureAwait(false);
            }

            using (response)
            {
                string? wrong = Follow(response, redirects);
                if (wrong is not null)
                {
                    throw await HandshakeFailure
                        .RefusedAsync(wrong, response, options.Connection.TimeProvider, cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        }
    }

    // An HttpClient would wait for the end of the body, and the body is the connection.
    private static Task<HttpResponseMessage> SendAsync(
        HttpMessageInvoker invoker,
        HttpRequestMessage request,
        CancellationToken cancellationToken
    ) =>
        invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : invoker.SendAsync(request, cancellationToken);

    // Returns why the answer is no redirect to follow, or null when the address is the next one.
    private string? Follow(HttpResponseMessage response, int redirects)
    {
        if (!IsRedirect(response, out Uri? location))
        {
            return HandshakeFailureText.Status((int)response.StatusCode, response.ReasonPhrase, (int)_success);
        }

        if (redirects >= options.MaxRedirects)
        {
            return $"More than {options.MaxRedirects} redirects.";
        }

        if (!Uri.TryCreate(_address, location, out Uri? target) || !WebSocketAddress.TryFrom(target, out Uri? next))
        {
            return "The server redirects to what is no WebSocket address.";
        }

        if (IsTls && next.Scheme != Uri.UriSchemeWss)
        {
            return "The server redirects from wss to ws, which would give up TLS; this is not followed.";
        }

        _withCredentials &= WebSocketAddress.HasSameTrust(_address, next);
        _address = next;
        return null;
    }

    private SocketsHttpHandler CreateHandler()
    {
        var http = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            UseProxy = options.UseProxy,
            Proxy = options.Proxy,
            UseCookies = options.Cookies is not null,
            Credentials = _withCredentials ? options.Credentials : null,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = MaxResponseHeadersKibibytes,
            ConnectCallback = ConnectAsync,
            PlaintextStreamFilter = ListenAsync,
        };
        if (options.Cookies is not null)
        {
            http.CookieContainer = options.Cookies;
        }

        if (IsTls || options.Tls is not null)
        {
            _certificate = new ServerCertificate(options.Tls?.RemoteCertificateValidationCallback, options.CertificateAdvice);
            http.SslOptions = _tls = _certificate.Apply(options.Tls, _withCredentials);
        }

        return http;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        _peer = context.DnsEndPoint;
        Step = HandshakeStep.Resolving;
        // The platform lets an attempt go on that its request has given up.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cancellationToken);
        IPAddress[] addresses = await TcpDialer.ResolveAsync(_peer.Host, options.Resolve, end.Token).ConfigureAwait(false);
        Step = HandshakeStep.Connecting;
        Socket socket = await TcpDialer
            .ConnectAsync(addresses, _peer.Port, options.Connection.TimeProvider, end.Token)
            .ConfigureAwait(false);
        // The steps of a proxy before it opens the tunnel can't be seen.
        Step = IsTls && !IsProxied ? HandshakeStep.Securing : HandshakeStep.Asking;
        _socket = socket;
        var stream = new NetworkStream(socket, ownsSocket: true);
        return Step == HandshakeStep.Securing && _tls?.TargetHost is not null
            ? await SecureAsync(stream, _tls, end.Token).ConfigureAwait(false)
            : stream;
    }

    // The platform asks for the certificate of the address's name, unless it is handed a stream that speaks TLS already.
    private static async Task<Stream> SecureAsync(Stream stream, SslClientAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Called when TCP, the proxy's tunnel and TLS are there, and also for the request that asks a proxy for the tunnel.
    private ValueTask<Stream> ListenAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        Step = HandshakeStep.Asking;
        if (context.NegotiatedHttpVersion.Major != 1 || context.InitialRequestMessage.Method == HttpMethod.Connect)
        {
            return ValueTask.FromResult(context.PlaintextStream);
        }

        Stream stream = options.Tap?.Invoke(context.PlaintextStream) ?? context.PlaintextStream;
        _answer = new FirstAnswer(stream, _address.Authority, IsTls);
        return ValueTask.FromResult<Stream>(_answer);
    }

    private async Task<WebSocketConnection> OpenAsync(
        HttpResponseMessage response,
        string? key,
        ExtensionOffer? offer,
        CancellationToken cancellationToken
    )
    {
        // The answer to an extended CONNECT is its status (RFC 8441 §5): it upgrades nothing and has no key to prove.
        string? wrong = ClientHandshake.CheckAnswer(
            key,
            response.Version < HttpVersion.Version11,
            name => Header(response, name),
            options.Subprotocols,
            offer,
            out string? subprotocol,
            out DeflateParameters? deflate
        );
        if (wrong is not null)
        {
            using (response)
            {
                throw HandshakeFailure.Wrong(wrong, response);
            }
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var connection = new WebSocketConnection(
            new StreamTransport(_answer?.TakeOver() ?? stream, stream.Dispose, socket: _answer is null ? null : _socket),
            WebSocketRole.Client,
            options.Connection,
            handler,
            subprotocol,
            deflate is null ? null : PerMessageDeflate.ForClient(deflate, options.Connection.Deflate)
        );
        connection.Start();
        return connection;
    }

    private static bool IsRedirect(HttpResponseMessage response, [NotNullWhen(true)] out Uri? location)
    {
        location = response.Headers.Location;
        return (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && location is not null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;
}
