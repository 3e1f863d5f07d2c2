using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>Opens WebSocket connections (RFC 6455 §4.1).</summary>
public static class WebSocketClient
{
    // Headers that prove who the client is: they are meant for the host that was named, not for one that it points to.
    private static readonly string[] _credentialHeaders = ["Authorization", "Cookie", "Proxy-Authorization"];

    /// <summary>Connects. Messages are read from the connection.</summary>
    /// <param name="uri">A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these.</param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="WebSocketHandshakeException">The server could not be reached in time, or did not answer as a WebSocket server does.</exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public static Task<WebSocketConnection> ConnectAsync(
        Uri uri, WebSocketClientOptions? options = null, CancellationToken cancellationToken = default)
        => ConnectAsync(uri, null, options, cancellationToken);

    /// <summary>Connects. Messages go to a handler.</summary>
    /// <param name="uri">A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these.</param>
    /// <param name="handler">Receives the messages; null to read them.</param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="WebSocketHandshakeException">The server could not be reached in time, or did not answer as a WebSocket server does.</exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public static async Task<WebSocketConnection> ConnectAsync(
        Uri uri, WebSocketHandler? handler, WebSocketClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        options ??= WebSocketClientOptions.Default;
        Uri target = ToWebSocketUri(uri);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Connection.TimeProvider);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await FollowAsync(target, handler, options, attempt.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refused($"The server did not complete the opening handshake within {options.ConnectTimeout.TotalSeconds:0.###} s.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw Refused(Explain(target, exception), exception);
        }
    }

    private static async Task<WebSocketConnection> FollowAsync(
        Uri uri, WebSocketHandler? handler, WebSocketClientOptions options, CancellationToken cancellationToken)
    {
        bool sameHost = true;
        for (int redirects = 0; ; redirects++)
        {
            using SocketsHttpHandler http = CreateHandler(options, sameHost);
            using var invoker = new HttpMessageInvoker(http, disposeHandler: false);
            string key = HandshakeKey.Create(RandomNumberGenerator.GetBytes(HandshakeKey.NonceLength));
            ExtensionOffer? offer = DeflateNegotiation.CreateOffer(options.Connection.Deflate, DeflatePool.Shared.Budget);
            using HttpRequestMessage request = CreateRequest(uri, key, offer, options, sameHost);
            HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                return await OpenAsync(response, key, offer, handler, options, cancellationToken).ConfigureAwait(false);
            }

            using (response)
            {
                if (!IsRedirect(response, out Uri? location))
                {
                    throw await RefusedAsync(
                        $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}, not 101: the handshake was refused.",
                        response,
                        cancellationToken).ConfigureAwait(false);
                }

                Uri next = ToWebSocketUri(new Uri(uri, location));
                if (redirects == options.MaxRedirects)
                {
                    throw await RefusedAsync($"More than {options.MaxRedirects} redirects.", response, cancellationToken).ConfigureAwait(false);
                }

                if (uri.Scheme == Uri.UriSchemeWss && next.Scheme != Uri.UriSchemeWss)
                {
                    throw await RefusedAsync(
                        "The server redirects from wss to ws, which would give up TLS; this is not followed.", response, cancellationToken).ConfigureAwait(false);
                }

                sameHost &= next.Host == uri.Host && (next.Port == uri.Port || next.Scheme != uri.Scheme);
                uri = next;
            }
        }
    }

    private static SocketsHttpHandler CreateHandler(WebSocketClientOptions options, bool sameHost)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            UseProxy = options.UseProxy,
            Proxy = options.Proxy,
            UseCookies = options.Cookies is not null,
            Credentials = sameHost ? options.Credentials : null,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
        };
        if (options.Cookies is not null)
        {
            handler.CookieContainer = options.Cookies;
        }

        if (options.Tls is not null)
        {
            handler.SslOptions = options.Tls;
        }

        return handler;
    }

    private static HttpRequestMessage CreateRequest(Uri uri, string key, ExtensionOffer? offer, WebSocketClientOptions options, bool sameHost)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        HttpRequestHeaders headers = request.Headers;
        headers.TryAddWithoutValidation("Connection", "Upgrade");
        headers.TryAddWithoutValidation("Upgrade", "websocket");
        headers.TryAddWithoutValidation("Sec-WebSocket-Version", ServerHandshake.Version);
        headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        if (options.Subprotocols.Count != 0)
        {
            headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", string.Join(", ", options.Subprotocols));
        }

        if (offer is not null)
        {
            headers.TryAddWithoutValidation(ExtensionHeader.Name, offer.ToString());
        }

        foreach ((string name, string value) in options.Headers)
        {
            if (sameHost || !_credentialHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                // Validated, so that neither CR nor LF gets into the request.
                headers.Add(name, value);
            }
        }

        return request;
    }

    private static async Task<WebSocketConnection> OpenAsync(
        HttpResponseMessage response,
        string key,
        ExtensionOffer? offer,
        WebSocketHandler? handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken)
    {
        string? subprotocol = Header(response, "Sec-WebSocket-Protocol");
        DeflateParameters? deflate = null;
        string? wrong = ClientHandshake.Check(
                key, Header(response, "Upgrade"), Header(response, "Connection"), Header(response, "Sec-WebSocket-Accept"))
            ?? ClientHandshake.CheckSubprotocol(options.Subprotocols, subprotocol)
            ?? CheckExtensions(Header(response, ExtensionHeader.Name), offer, out deflate);
        if (wrong is not null)
        {
            using (response)
            {
                throw new WebSocketHandshakeException(wrong, response.StatusCode, Headers(response), "");
            }
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var connection = new WebSocketConnection(
            new StreamTransport(stream, stream.Dispose), WebSocketRole.Client, options.Connection, handler, subprotocol,
            deflate is null ? null : PerMessageDeflate.ForClient(deflate, options.Connection.Deflate));
        connection.Start();
        return connection;
    }

    private static string? CheckExtensions(string? answer, ExtensionOffer? offer, out DeflateParameters? deflate)
    {
        deflate = null;
        IReadOnlyList<ExtensionOffer> extensions = [];
        if (answer is not null && !ExtensionHeader.TryParse(answer, out extensions, out string? malformed))
        {
            return malformed;
        }

        return DeflateNegotiation.TryValidate(extensions, offer, out deflate, out string? error) ? null : error;
    }

    private static bool IsRedirect(HttpResponseMessage response, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? location)
    {
        location = response.Headers.Location;
        return (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && location is not null;
    }

    private static Uri ToWebSocketUri(Uri uri)
    {
        if (!uri.IsAbsoluteUri)
        {
            throw new ArgumentException($"'{uri}' is not an absolute address; write it as ws://host/path or wss://host/path.", nameof(uri));
        }

        string scheme = uri.Scheme switch
        {
            "ws" or "http" => "ws",
            "wss" or "https" => "wss",
            _ => throw new ArgumentException($"The scheme of '{uri}' is not ws or wss.", nameof(uri)),
        };
        // RFC 6455 §3: a WebSocket address has no fragment.
        return new UriBuilder(uri) { Scheme = scheme, Port = uri.IsDefaultPort ? -1 : uri.Port, Fragment = "" }.Uri;
    }

    private static async Task<WebSocketHandshakeException> RefusedAsync(string message, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[WebSocketHandshakeException.MaxBodyBytes];
        int length = 0;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // The refusal counts, not whether its body came whole.
        }

        return new WebSocketHandshakeException(message, response.StatusCode, Headers(response), Encoding.UTF8.GetString(buffer, 0, length));
    }

    private static WebSocketHandshakeException Refused(string message, Exception exception) => new(message, null, [], "", exception);

    private static string Explain(Uri uri, HttpRequestException exception) => exception switch
    {
        { HttpRequestError: HttpRequestError.NameResolutionError } => $"The name '{uri.Host}' can't be resolved.",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => $"Nothing listens at {uri.Authority}: connection refused.",
        { InnerException: AuthenticationException tls } => $"TLS with {uri.Authority} failed: {tls.Message}",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => $"TLS with {uri.Authority} failed: does it speak TLS? {exception.Message}",
        _ => $"The opening handshake with {uri.Authority} failed: {exception.Message}",
    };

    private static string? Header(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    private static KeyValuePair<string, string>[] Headers(HttpResponseMessage response)
        => [.. response.Headers.Select(header => KeyValuePair.Create(header.Key, string.Join(", ", header.Value)))];
}
