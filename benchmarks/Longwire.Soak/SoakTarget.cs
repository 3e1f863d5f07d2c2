using System.Net;

namespace Longwire.Soak;

/// <summary>Where the visits go.</summary>
internal sealed class SoakTarget(IPEndPoint endPoint) : IDisposable
{
    private HttpClient _http = Create(endPoint);

    public IPEndPoint EndPoint => endPoint;

    /// <summary>A client that keeps its connections.</summary>
    public HttpClient Http => _http;

    public Uri WebSocket(string path) => new($"ws://{endPoint}{path}");

    /// <summary>Closes the connections that the HTTP client keeps. Nothing may be under way.</summary>
    public void ForgetConnections()
    {
        _http.Dispose();
        _http = Create(endPoint);
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Create(IPEndPoint endPoint) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{endPoint}") };
}
