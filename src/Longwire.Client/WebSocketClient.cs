using System.Runtime.Versioning;

namespace Longwire.Client;

/// <summary>
/// Opens WebSocket connections (RFC 6455 §4.1). Thread-safe. A program in a browser has neither sockets nor a say in the handshake:
/// <c>System.Net.WebSockets.ClientWebSocket</c> is there what the browser offers.
/// </summary>
[UnsupportedOSPlatform("browser")]
public static class WebSocketClient
{
    /// <summary>Connects. Messages are read from the connection.</summary>
    /// <param name="uri">
    /// A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these. A user and password in it are sent as Basic
    /// authentication.
    /// </param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="ArgumentException">The address is no WebSocket address, or a header or subprotocol can't be sent.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The server could not be reached in time, or did not answer as a WebSocket server does.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The program runs in a browser.</exception>
    public static Task<WebSocketConnection> ConnectAsync(
        Uri uri,
        WebSocketClientOptions? options = null,
        CancellationToken cancellationToken = default
    ) => ConnectAsync(uri, null, options, cancellationToken);

    /// <summary>Connects. Messages go to a handler.</summary>
    /// <param name="uri">
    /// A <c>ws</c> or <c>wss</c> address; <c>http</c> and <c>https</c> are taken as these. A user and password in it are sent as Basic
    /// authentication.
    /// </param>
    /// <param name="handler">Receives the messages; null to read them.</param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="ArgumentException">The address is no WebSocket address, or a header or subprotocol can't be sent.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The server could not be reached in time, or did not answer as a WebSocket server does.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">The program runs in a browser.</exception>
    public static Task<WebSocketConnection> ConnectAsync(
        Uri uri,
        WebSocketHandler? handler,
        WebSocketClientOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (OperatingSystem.IsBrowser())
        {
            throw new PlatformNotSupportedException(
                "A program in a browser can open no sockets of its own: use System.Net.WebSockets.ClientWebSocket, which is the browser's."
            );
        }

        // Before anything else is loaded, and so not in an asynchronous method, which loads what all of it needs.
        return Descriptors.TryPrepare()
            ? AttemptAsync(uri, handler, options ?? WebSocketClientOptions.Default, cancellationToken)
            : Task.FromException<WebSocketConnection>(Descriptors.NoneLeft());
    }

    private static async Task<WebSocketConnection> AttemptAsync(
        Uri uri,
        WebSocketHandler? handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken
    )
    {
        if (!WebSocketAddress.TryFrom(uri, out Uri? address))
        {
            throw new ArgumentException($"'{uri}' is not a WebSocket address; write it as ws://host/path or wss://host/path.", nameof(uri));
        }

        HandshakeRequest.Check(options);
        options = HandshakeRequest.WithUser(options, uri);
        var attempt = new HandshakeAttempt(address, options, handler);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Connection.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await attempt.RunAsync(end.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (cancellationToken.IsCancellationRequested
                && (exception is OperationCanceledException or HttpRequestException or WebSocketHandshakeException)
            )
        {
            throw new OperationCanceledException("The attempt to connect was cancelled.", exception, cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw HandshakeFailure.TooSlow(attempt, options.ConnectTimeout, exception);
        }
        catch (HttpRequestException exception)
        {
            // The platform may report that the connecting was cancelled before it reports that the request was.
            throw exception.InnerException is OperationCanceledException cancelled
                ? HandshakeFailure.TooSlow(attempt, options.ConnectTimeout, cancelled)
                : HandshakeFailure.NoAnswer(attempt, exception);
        }
    }
}
