using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>The server under test: opens raw connections to it.</summary>
internal sealed class ServerTarget(Uri uri, ConformanceOptions options)
{
    public Uri Uri { get; } = uri;

    /// <summary>Connects TCP and, for <c>wss</c>, TLS.</summary>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        bool secure = Uri.Scheme is "wss" or "https";
        TcpClient client = new() { NoDelay = true };
        try
        {
            using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(options.Patience);
            await client.ConnectAsync(Uri.DnsSafeHost, Uri.Port, timer.Token);
            NetworkStream stream = client.GetStream();
            if (!secure)
                return stream;
            SslStream tls = new(stream, leaveInnerStreamOpen: false);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = Uri.DnsSafeHost,
                    RemoteCertificateValidationCallback = options.CertificateValidation,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                },
                timer.Token);
            return tls;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Opens a WebSocket by HTTP/2's extended CONNECT (RFC 8441): a stream on a connection of its own.</summary>
    /// <returns>The answer's head and, when it was 200, the stream.</returns>
    public async Task<(HttpHead Answer, Stream? Stream)> ConnectHttp2Async(
        IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        bool secure = Uri.Scheme is "wss" or "https";
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        };
        if (options.CertificateValidation is { } validation)
            handler.SslOptions.RemoteCertificateValidationCallback = validation;
        HttpMessageInvoker invoker = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Connect, new UriBuilder(Uri) { Scheme = secure ? "https" : "http" }.Uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "websocket";
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken);
        HttpHead head = new(
            $"HTTP/2 {(int)response.StatusCode}",
            [.. response.Headers.SelectMany(h => h.Value.Select(v => new KeyValuePair<string, string>(h.Key, v)))],
            []);
        if ((int)response.StatusCode != 200)
        {
            response.Dispose();
            invoker.Dispose();
            return (head, null);
        }

        return (head, new OwningStream(await response.Content.ReadAsStreamAsync(cancellationToken), response, invoker));
    }
}
