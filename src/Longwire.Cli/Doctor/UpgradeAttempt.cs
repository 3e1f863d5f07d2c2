using Longwire.Cli.Network;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Cli.Doctor;

/// <summary>Opening handshakes with what the user asked for, and other headers.</summary>
internal sealed class UpgradeAttempt(DoctorOptions options)
{
    private const int MaxMessageBytes = 1 << 30;

    /// <exception cref="WebSocketHandshakeException">There is no connection.</exception>
    public async Task<WebSocketConnection> OpenAsync(
        IReadOnlyList<KeyValuePair<string, string>> headers,
        CancellationToken cancellationToken,
        WebSocketHandler? handler = null
    )
    {
        return await NetworkClient.ConnectAsync(
            options.Address,
            options.Network,
            new WebSocketClientOptions
            {
                Headers = headers,
                Subprotocols = options.Subprotocols,
                MaxRedirects = 0,
                ConnectTimeout = options.Patience,
                Connection = WebSocketConnectionOptions.Default with
                {
                    // A ping of its own would keep a connection open that is to be left silent.
                    PingInterval = Timeout.InfiniteTimeSpan,
                    CloseTimeout = options.Patience,
                    MaxMessageBytes = MaxMessageBytes,
                    Deflate = new DeflateOptions { Enabled = true },
                },
            },
            handler,
            cancellationToken
        );
    }

    /// <summary>Whether such headers would open a connection.</summary>
    public async Task<bool> WouldOpenAsync(IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        try
        {
            (await OpenAsync(headers, cancellationToken)).Abort();
            return true;
        }
        catch (WebSocketHandshakeException)
        {
            return false;
        }
    }
}
