using System.Net;
using System.Net.Sockets;
using Longwire.Connecting;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>
/// Opens WebSocket connections (RFC 6455 §4.1) that live on event loops: many of them, cheaply, over plain TCP. It follows no redirects and
/// knows neither TLS nor proxies. Thread-safe.
/// </summary>
/// <param name="group">The loops, which the connections are dealt out to in turn.</param>
/// <param name="options">How to connect; null for the defaults.</param>
public sealed class LoopWebSocketClient(EventLoopGroup group, LoopWebSocketClientOptions? options = null) : IWebSocketDialer
{
    private readonly LoopWebSocketClientOptions _options = options ?? LoopWebSocketClientOptions.Default;

    /// <summary>Connects.</summary>
    /// <param name="uri">
    /// A <c>ws</c> address; <c>http</c> is taken as that. A user and password in it are sent as Basic authentication.
    /// </param>
    /// <param name="handler">Receives the messages, on the loop; null to read them from the connection.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="ArgumentException">The address is no <c>ws</c> address, or a header or subprotocol can't be sent.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The server could not be reached in time, or did not answer as a WebSocket server does.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public async Task<WebSocketConnection> ConnectAsync(
        Uri uri,
        WebSocketHandler? handler = null,
        CancellationToken cancellationToken = default
    )
    {
        LoopUpgrade upgrade = await UpgradeAsync(uri, WebSocketSocketHandler.Instance, cancellationToken).ConfigureAwait(false);
        var connection = new WebSocketConnection(
            (LoopTransport)upgrade.Socket.State!,
            WebSocketRole.Client,
            _options.Connection,
            handler,
            upgrade.Subprotocol,
            upgrade.Deflate is null ? null : PerMessageDeflate.ForClient(upgrade.Deflate, _options.Connection.Deflate)
        );
        connection.Start();
        return connection;
    }

    /// <summary>Connects, and leaves the frames to a handler of the socket's bytes.</summary>
    /// <param name="uri">A <c>ws</c> address; <c>http</c> is taken as that.</param>
    /// <param name="handler">
    /// Gets the socket when the opening handshake is done: first its OnAttached is called, then what came behind the handshake is received.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a socket that the handler has.</param>
    /// <exception cref="ArgumentException">The address is no <c>ws</c> address, or a header or subprotocol can't be sent.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The server could not be reached in time, or did not answer as a WebSocket server does.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    internal async Task<LoopUpgrade> UpgradeAsync(Uri uri, LoopSocketHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(handler);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("ws" or "http"))
        {
            throw new ArgumentException($"'{uri}' is not an address that event loops connect to; write it as ws://host/path.", nameof(uri));
        }

        var handshake = new OpeningHandshake(uri, _options, handler, group.Options.TimeProvider, cancellationToken);
        EventLoop loop = group.Next();
        try
        {
            if (_options.EndPoint is { } given)
            {
                await loop.ConnectAsync(given, handshake, _options.Connect, cancellationToken).ConfigureAwait(false);
            }
            else if (ScopedAddress.TryParse(uri.IdnHost, out IPAddress? literal))
            {
                await loop.ConnectAsync(new IPEndPoint(literal, uri.Port), handshake, _options.Connect, cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                await ConnectByNameAsync(uri, loop, handshake, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SocketException exception)
        {
            throw HandshakeFailure.Unreachable(uri, _options.ConnectTimeout, exception);
        }

        return await handshake.Task.ConfigureAwait(false);
    }

    private async Task ConnectByNameAsync(Uri uri, EventLoop loop, OpeningHandshake handshake, CancellationToken cancellationToken)
    {
        TimeProvider time = group.Options.TimeProvider;
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        IPAddress[]? addresses = null;
        try
        {
            addresses = await _options.Resolve(uri.IdnHost, end.Token).WaitAsync(end.Token).ConfigureAwait(false);
            await HappyEyeballs
                .ConnectAsync(
                    addresses,
                    (address, over) =>
                        loop.ConnectAsync(
                            new IPEndPoint(address, uri.Port),
                            handshake,
                            _options.Connect with
                            {
                                Timeout = handshake.TimeLeft,
                            },
                            over
                        ),
                    // The handshake has taken the first socket and refuses all others itself.
                    static _ => { },
                    time,
                    end.Token
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            loop.Post(static state => ((OpeningHandshake)state!).Abandon(), handshake);
            if (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(exception.Message, exception, cancellationToken);
            }

            throw HandshakeFailure.TooSlow(
                addresses is null
                    ? HandshakeFailureText.NotResolvedInTime(uri.IdnHost, _options.ConnectTimeout)
                    : HandshakeFailureText.NoTcpInTime(uri.Authority, _options.ConnectTimeout)
            );
        }
    }
}
