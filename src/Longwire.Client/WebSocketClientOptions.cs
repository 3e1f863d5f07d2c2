using System.Net;
using System.Net.Security;

namespace Longwire.Client;

/// <summary>How a client connects. Immutable; one object serves any number of connections.</summary>
public sealed record WebSocketClientOptions
{
    /// <summary>The defaults: a new object each time, so that nobody changes everybody's.</summary>
    public static WebSocketClientOptions Default => new();

    /// <summary>The limits and times of the connection.</summary>
    public WebSocketConnectionOptions Connection { get; init; } = new();

    /// <summary>The subprotocols to offer, what is preferred first. Default none.</summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>
    /// The version of HTTP to open the connection with: 1.1, or 2.0 for the extended CONNECT of RFC 8441. No other is tried. With
    /// <c>wss</c> the server must offer HTTP/2 in TLS, with <c>ws</c> it must speak it without being asked. Default 1.1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is neither 1.1 nor 2.0.</exception>
    public Version HttpVersion
    {
        get;
        init
        {
            if (value != System.Net.HttpVersion.Version11 && value != System.Net.HttpVersion.Version20)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A WebSocket connection is opened with HTTP 1.1 or 2.0.");
            }

            field = value;
        }
    } = System.Net.HttpVersion.Version11;

    /// <summary>
    /// The HTTP stack to connect with, which the caller owns. Sockets over HTTP/2 that are opened with the same one share a TCP connection;
    /// when the server takes no more of them, the next wait for their turn, unless
    /// <see cref="SocketsHttpHandler.EnableMultipleHttp2Connections"/> is set. Default null: every socket has a TCP connection of its own.
    /// </summary>
    /// <remarks>
    /// Proxy, cookies, credentials and TLS are then its own, and these options must be left out. It must be based on
    /// <see cref="SocketsHttpHandler"/> with
    /// <see cref="SocketsHttpHandler.AllowAutoRedirect"/> off: the client follows redirects itself. An <see cref="HttpClient"/> will do.
    /// Disposing of it while sockets are open is safe: it waits for them.
    /// </remarks>
    public HttpMessageInvoker? Invoker { get; init; }

    /// <summary>Further headers of the request, as <c>Authorization</c> or <c>Origin</c>. Default none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// How long name look-up, TCP, TLS and the opening handshake may take together, all redirects and addresses included. Of a name with
    /// several addresses the next one is tried when one has failed or has not answered for 250 ms (RFC 8305). The body of a refusal is
    /// waited for at most a second. Default 15 s, at most a day.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0, or longer than a day.</exception>
    public TimeSpan ConnectTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How many redirects to follow. They may only lead to the same scheme or from <c>ws</c> to <c>wss</c>; when the host or port
    /// changes, <c>Authorization</c>, <c>Cookie</c>, <c>Host</c> and <c>Proxy-Authorization</c> of <see cref="Headers"/>, the client's
    /// certificate, and <see cref="Credentials"/>, stay behind. Default 5, at most 50; 0 follows none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or above 50.</exception>
    public int MaxRedirects
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 50);
            field = value;
        }
    } = 5;

    /// <summary>
    /// The proxy. Default null: the system's, as <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c> say. HTTP,
    /// SOCKS4 and SOCKS5.
    /// </summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Whether to use a proxy at all. Default true.</summary>
    public bool UseProxy { get; init; } = true;

    /// <summary>Cookies to send, and where the response's go. Default none.</summary>
    public CookieContainer? Cookies { get; init; }

    /// <summary>Credentials for Basic, Digest, NTLM or Negotiate authentication. Default none.</summary>
    public ICredentials? Credentials { get; init; }

    /// <summary>
    /// TLS: client certificates, validation, protocol versions. <see cref="SslClientAuthenticationOptions.TargetHost"/> is the name to ask
    /// for (SNI) and to find in the certificate in place of the address's; not through a proxy. Default the platform's.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Finds the addresses of a name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Is called at each step that an attempt comes to.</summary>
    internal Action<HandshakeStep>? OnStep { get; init; }

    /// <summary>Wraps the stream of HTTP/1.1 and of the frames that follow, TLS and a proxy's tunnel taken off.</summary>
    internal Func<Stream, Stream>? Tap { get; init; }

    /// <summary>The advice about a certificate that is not valid, in words for the author of the options.</summary>
    internal string CertificateAdvice { get; init; } = ServerCertificate.Advice;
}
