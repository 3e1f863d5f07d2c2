using System.Net;

namespace Longwire.Conformance;

/// <summary>One HTTP/2 connection to the server under test; each WebSocket is a stream on it (RFC 8441).</summary>
internal sealed class Http2Connection : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _uri;
    private readonly ConformanceOptions _options;

    public Http2Connection(ServerTarget target, ConformanceOptions options)
    {
        _options = options;
        _uri = new UriBuilder(target.Uri) { Scheme = target.Uri.Scheme is "wss" or "https" ? "https" : "http" }.Uri;
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        };
        if (options.CertificateValidation is { } validation)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = validation;
        }

        _invoker = new(handler);
    }

    /// <returns>The answer's head and, when it was 200, the stream.</returns>
    public async Task<(HttpHead Answer, Stream? Stream)> OpenAsync(
        IReadOnlyList<KeyValuePair<string, string>> headers,
        CancellationToken cancellationToken
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Connect, _uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "websocket";
        foreach ((string name, string value) in (KeyValuePair<string, string>[])[.. headers, .. _options.Headers])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_options.Origin is { } origin)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        HttpResponseMessage response = await _invoker.SendAsync(request, cancellationToken);
        HttpHead head = new(
            $"HTTP/2 {(int)response.StatusCode}",
            [.. response.Headers.SelectMany(h => h.Value.Select(v => new KeyValuePair<string, string>(h.Key, v)))],
            []
        );
        if ((int)response.StatusCode == 200)
        {
            return (head, new OwningStream(await response.Content.ReadAsStreamAsync(cancellationToken), response));
        }

        response.Dispose();
        return (head, null);
    }

    public void Dispose() => _invoker.Dispose();
}
