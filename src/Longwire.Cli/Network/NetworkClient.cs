using System.Net;
using Longwire.Client;

namespace Longwire.Cli.Network;

/// <summary>Opens WebSocket connections as the options of a command say.</summary>
internal static class NetworkClient
{
    /// <summary>Opens a connection; tells how long each step took, and shows what goes over the wire, where somebody asks.</summary>
    /// <exception cref="WebSocketHandshakeException">There is none; its message says where a proxy that failed was named.</exception>
    public static async Task<WebSocketConnection> ConnectAsync(
        Uri address,
        NetworkOptions network,
        WebSocketClientOptions options,
        WebSocketHandler? handler,
        CancellationToken cancellationToken,
        ConnectTimes? times = null,
        WireTap? tap = null
    )
    {
        (Uri Address, string Source)? proxy = network.ProxyFor(address);
        times ??= new ConnectTimes(address);
        try
        {
            WebSocketConnection connection = await WebSocketClient.ConnectAsync(
                address,
                handler,
                options with
                {
                    UseProxy = network.UseProxy,
                    Proxy = network.ToWebProxy(),
                    Tls = TlsOptions.Create(network),
                    CertificateAdvice = "--ca FILE names the authority that it comes from, -n takes any certificate.",
                    OnStep = times.Enter,
                    Tap = tap is null ? null : tap.Wrap,
                },
                cancellationToken
            );
            times.End();
            return connection;
        }
        catch (WebSocketHandshakeException exception) when (proxy is var (at, source) && IsOfProxy(exception, times))
        {
            string advice =
                exception.StatusCode == HttpStatusCode.ProxyAuthenticationRequired
                    ? " They belong in its address: http://user:password@host:port."
                    : "";
            throw new WebSocketHandshakeException(
                $"{exception.Message}{advice} The proxy {at.Host}:{at.Port} is named by {source}; --no-proxy connects directly.",
                null,
                innerException: exception.InnerException
            );
        }
    }

    /// <summary>Whether it was the proxy that failed, and not the server behind it.</summary>
    private static bool IsOfProxy(WebSocketHandshakeException exception, ConnectTimes times) =>
        times.Step is HandshakeStep.Resolving or HandshakeStep.Connecting || IsOfTunnel(exception);

    /// <summary>Whether a proxy was there and opened no way to the server.</summary>
    public static bool IsOfTunnel(WebSocketHandshakeException exception) =>
        exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError };
}
