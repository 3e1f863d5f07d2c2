namespace Longwire.Client;

/// <summary>Opens WebSocket connections (RFC 6455 §4.1).</summary>
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
    public static async Task<WebSocketConnection> ConnectAsync(
        Uri uri,
        WebSocketHandler? handler,
        WebSocketClientOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(uri);
        options ??= WebSocketClientOptions.Default;
        if (!WebSocketAddress.TryFrom(uri, out Uri? address))
        {
            throw new ArgumentException($"'{uri}' is not a WebSocket address; write it as ws://host/path or wss://host/path.", nameof(uri));
        }

        HandshakeRequest.Check(options);
        options = HandshakeRequest.WithUser(options, uri);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Connection.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await new HandshakeAttempt(options, handler).RunAsync(address, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw HandshakeFailure.TooSlow(options.ConnectTimeout, exception);
        }
        catch (HttpRequestException exception)
        {
            throw HandshakeFailure.Unreachable(address, options.HttpVersion, exception);
        }
        catch (WebSocketHandshakeException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
