using System.Runtime.Versioning;

namespace Longwire.Client;

/// <summary>
/// Opens WebSocket connections over the platform's network stack, all with the same options: <see cref="WebSocketClient"/> to be injected.
/// Thread-safe.
/// </summary>
/// <param name="options">How to connect; null for the defaults.</param>
[UnsupportedOSPlatform("browser")]
public sealed class WebSocketDialer(WebSocketClientOptions? options = null) : IWebSocketDialer
{
    /// <summary>How it connects.</summary>
    public WebSocketClientOptions Options { get; } = options ?? WebSocketClientOptions.Default;

    /// <inheritdoc/>
    public Task<WebSocketConnection> ConnectAsync(Uri uri, CancellationToken cancellationToken = default) =>
        WebSocketClient.ConnectAsync(uri, Options, cancellationToken);

    /// <inheritdoc/>
    public Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketHandler? handler, CancellationToken cancellationToken = default) =>
        WebSocketClient.ConnectAsync(uri, handler, Options, cancellationToken);
}
