using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.RegularExpressions;

namespace Longwire.Client;

/// <summary>Makes the exceptions of a handshake that failed.</summary>
internal static partial class HandshakeFailure
{
    public static WebSocketHandshakeException TooSlow(TimeSpan timeout, OperationCanceledException exception) =>
        new($"The server did not complete the opening handshake within {timeout.TotalSeconds:0.###} s.", null, [], "", exception);

    public static WebSocketHandshakeException Unreachable(Uri address, Version version, HttpRequestException exception)
    {
        HttpRequestException harmless = WithoutUser(exception);
        return new WebSocketHandshakeException(Explain(address, version, harmless), null, [], "", harmless);
    }

    /// <summary>The server accepted, but not as RFC 6455 says.</summary>
    public static WebSocketHandshakeException Wrong(string message, HttpResponseMessage response) =>
        new(message, response.StatusCode, Headers(response), "");

    /// <summary>The server answered with another status than success: what it says is kept.</summary>
    public static async Task<WebSocketHandshakeException> RefusedAsync(
        string message,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        byte[] buffer = new byte[WebSocketHandshakeException.MaxBodyBytes];
        int length = 0;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            int read;
            do
            {
                read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                length += read;
            } while (read != 0 && length < buffer.Length);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The refusal counts, not whether its body came whole or in time.
        }

        return new WebSocketHandshakeException(message, response.StatusCode, Headers(response), Encoding.UTF8.GetString(buffer, 0, length));
    }

    private static string Explain(Uri address, Version version, HttpRequestException exception) =>
        exception switch
        {
            { HttpRequestError: HttpRequestError.NameResolutionError } => $"The name '{address.Host}' can't be resolved.",
            { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
                $"Nothing listens at {address.Authority}: connection refused.",
            { HttpRequestError: HttpRequestError.ExtendedConnectNotSupported } =>
                $"The server at {address.Authority} speaks HTTP/2, but not WebSocket over it (RFC 8441); HTTP 1.1 may do.",
            { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
                $"The server at {address.Authority} does not offer HTTP/2; HTTP 1.1 may do.",
            // Many a server refuses within TLS whom it has no version of HTTP in common with, and the platform doesn't tell that apart.
            { InnerException: AuthenticationException tls } when version.Major == 2 =>
                $"TLS with {address.Authority} failed, or the server does not offer HTTP/2: {tls.Message}",
            { InnerException: AuthenticationException tls } => $"TLS with {address.Authority} failed: {tls.Message}",
            { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                $"TLS with {address.Authority} failed: does it speak TLS? {exception.Message}",
            _ => $"The opening handshake with {address.Authority} failed: {exception.Message}",
        };

    // The platform names a proxy with the user and password that its address carries: they are not for logs and screens.
    private static HttpRequestException WithoutUser(HttpRequestException exception)
    {
        string message = UserInAddress().Replace(exception.Message, "://");
        return message == exception.Message
            ? exception
            : new HttpRequestException(exception.HttpRequestError, message, statusCode: exception.StatusCode);
    }

    [GeneratedRegex(@"://[^\s/'""]*@")]
    private static partial Regex UserInAddress();

    private static KeyValuePair<string, string>[] Headers(HttpResponseMessage response) =>
        [
            .. response
                .Headers.Concat(response.Content.Headers)
                .Select(static header => KeyValuePair.Create(header.Key, string.Join(", ", header.Value))),
        ];
}
