using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>One attempt to open a connection: asks, follows redirects, and checks the answer.</summary>
internal sealed class HandshakeAttempt(WebSocketClientOptions options, WebSocketHandler? handler)
{
    private const int MaxResponseHeadersKibibytes = 64;

    private readonly HttpStatusCode _success = options.HttpVersion.Major == 2 ? HttpStatusCode.OK : HttpStatusCode.SwitchingProtocols;

    // Once the chain of redirects has left the server that was named, credentials stay behind for good.
    private bool _withCredentials = true;

    public async Task<WebSocketConnection> RunAsync(Uri address, CancellationToken cancellationToken)
    {
        for (int redirects = 0; ; redirects++)
        {
            // An open connection outlives the stack that it was opened with.
            using HttpMessageInvoker? own = options.Invoker is null ? new HttpMessageInvoker(CreateHandler()) : null;
            string? key =
                options.HttpVersion.Major == 2 ? null : HandshakeKey.Create(RandomNumberGenerator.GetBytes(HandshakeKey.NonceLength));
            ExtensionOffer? offer = DeflateNegotiation.CreateOffer(options.Connection.Deflate, DeflatePool.Shared.Budget);
            using HttpRequestMessage request = HandshakeRequest.Create(address, key, offer, options, _withCredentials);
            HttpResponseMessage response = await SendAsync(options.Invoker ?? own!, request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == _success)
            {
                return await OpenAsync(response, key, offer, cancellationToken).ConfigureAwait(false);
            }

            using (response)
            {
                string? wrong = Follow(response, redirects, ref address);
                if (wrong is not null)
                {
                    throw await HandshakeFailure.RefusedAsync(wrong, response, cancellationToken).ConfigureAwait(false);
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

    // Returns why the answer is no redirect to follow, or null with the next address.
    private string? Follow(HttpResponseMessage response, int redirects, ref Uri address)
    {
        if (!IsRedirect(response, out Uri? location))
        {
            return $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}, not {(int)_success}: the handshake was refused.";
        }

        if (redirects >= options.MaxRedirects)
        {
            return $"More than {options.MaxRedirects} redirects.";
        }

        if (!Uri.TryCreate(address, location, out Uri? target) || !WebSocketAddress.TryFrom(target, out Uri? next))
        {
            return "The server redirects to what is no WebSocket address.";
        }

        if (address.Scheme == Uri.UriSchemeWss && next.Scheme != Uri.UriSchemeWss)
        {
            return "The server redirects from wss to ws, which would give up TLS; this is not followed.";
        }

        _withCredentials &= WebSocketAddress.HasSameTrust(address, next);
        address = next;
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
        };
        if (options.Cookies is not null)
        {
            http.CookieContainer = options.Cookies;
        }

        if (options.Tls is not null)
        {
            http.SslOptions = _withCredentials ? options.Tls : WithoutIdentity(options.Tls);
        }

        return http;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await options.Resolve(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Neither the client's certificate nor the name that was expected of the first host is another host's business.
    private static SslClientAuthenticationOptions WithoutIdentity(SslClientAuthenticationOptions tls) =>
        new()
        {
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
        };

    private async Task<WebSocketConnection> OpenAsync(
        HttpResponseMessage response,
        string? key,
        ExtensionOffer? offer,
        CancellationToken cancellationToken
    )
    {
        DeflateParameters? deflate = null;
        string? subprotocol = Header(response, "Sec-WebSocket-Protocol");
        string? wrong =
            CheckUpgrade(response, key)
            ?? ClientHandshake.CheckSubprotocol(options.Subprotocols, subprotocol)
            ?? CheckExtensions(Header(response, ExtensionHeader.Name), offer, out deflate);
        if (wrong is not null)
        {
            using (response)
            {
                throw HandshakeFailure.Wrong(wrong, response);
            }
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var connection = new WebSocketConnection(
            new StreamTransport(stream, stream.Dispose),
            WebSocketRole.Client,
            options.Connection,
            handler,
            subprotocol,
            deflate is null ? null : PerMessageDeflate.ForClient(deflate, options.Connection.Deflate)
        );
        connection.Start();
        return connection;
    }

    // The answer to an extended CONNECT is its status (RFC 8441 §5): it upgrades nothing and has no key to prove.
    private static string? CheckUpgrade(HttpResponseMessage response, string? key)
    {
        if (key is null)
        {
            return null;
        }

        return response.Version < HttpVersion.Version11
            ? "The server answered with HTTP/1.0, which knows no upgrade."
            : ClientHandshake.Check(
                key,
                Header(response, "Upgrade"),
                Header(response, "Connection"),
                Header(response, "Sec-WebSocket-Accept")
            );
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

    private static bool IsRedirect(HttpResponseMessage response, [NotNullWhen(true)] out Uri? location)
    {
        location = response.Headers.Location;
        return (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && location is not null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;
}
