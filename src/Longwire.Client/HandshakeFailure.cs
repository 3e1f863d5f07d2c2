using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>Makes the exceptions of a handshake that failed.</summary>
internal static class HandshakeFailure
{
    // The body of a refusal is worth a moment, not the whole time-out.
    private static readonly TimeSpan _refusalBodyTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The time was over; the step that was going on is named.</summary>
    public static WebSocketHandshakeException TooSlow(HandshakeAttempt attempt, TimeSpan timeout, OperationCanceledException exception)
    {
        string message = attempt.Step switch
        {
            HandshakeStep.Resolving => HandshakeFailureText.NotResolvedInTime(attempt.Host, timeout),
            HandshakeStep.Connecting => HandshakeFailureText.NoTcpInTime(attempt.Server, timeout),
            HandshakeStep.Securing => HandshakeFailureText.NoTlsInTime(attempt.Server, timeout),
            _ => HandshakeFailureText.NoAnswerInTime(timeout),
        };
        return new WebSocketHandshakeException(message, null, innerException: exception);
    }

    /// <summary>No answer of HTTP came.</summary>
    public static WebSocketHandshakeException NoAnswer(HandshakeAttempt attempt, HttpRequestException exception)
    {
        HttpRequestException harmless = WithoutUser(exception);
        // 407 is a proxy's alone. Its other statuses would be taken for the server's.
        HttpStatusCode? status = exception.StatusCode == HttpStatusCode.ProxyAuthenticationRequired ? exception.StatusCode : null;
        return new WebSocketHandshakeException(Explain(attempt, harmless), status, innerException: harmless);
    }

    /// <summary>The server accepted, but not as RFC 6455 says.</summary>
    public static WebSocketHandshakeException Wrong(string message, HttpResponseMessage response) =>
        new(message, response.StatusCode, Headers(response));

    /// <summary>The server answered with another status than success: what it says is kept.</summary>
    public static async Task<WebSocketHandshakeException> RefusedAsync(
        string message,
        HttpResponseMessage response,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        byte[] buffer = new byte[WebSocketHandshakeException.MaxBodyBytes];
        int length = 0;
        using var timeout = new CancellationTokenSource(_refusalBodyTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(end.Token).ConfigureAwait(false);
            int read;
            do
            {
                read = await body.ReadAsync(buffer.AsMemory(length), end.Token).ConfigureAwait(false);
                length += read;
            } while (read != 0 && length < buffer.Length);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The refusal counts, not whether its body came whole or in time.
        }

        return new WebSocketHandshakeException(message, response.StatusCode, Headers(response), Encoding.UTF8.GetString(buffer, 0, length));
    }

    private static string Explain(HandshakeAttempt attempt, HttpRequestException exception)
    {
        string server = attempt.Server;
        SocketError? error = (
            exception.InnerException as SocketException ?? exception.InnerException?.InnerException as SocketException
        )?.SocketErrorCode;
        // Without a descriptor no name can be resolved either.
        bool isUnresolved = exception.HttpRequestError == HttpRequestError.NameResolutionError;
        if (error == SocketError.TooManyOpenSockets || (isUnresolved && !Descriptors.AreLeft(1)))
        {
            return HandshakeFailureText.NoDescriptors;
        }

        return attempt.Fault
            ?? exception switch
            {
                { HttpRequestError: HttpRequestError.NameResolutionError } => HandshakeFailureText.NotResolved(attempt.Host),
                { InnerException: SocketException } when error == SocketError.ConnectionRefused => HandshakeFailureText.Refused(server),
                { InnerException: SocketException } when error == SocketError.TimedOut => HandshakeFailureText.NoTcp(server),
                { InnerException: SocketException } when error == SocketError.AddressNotAvailable => HandshakeFailureText.NoLocalPort(
                    server
                ),
                { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } status } => HandshakeFailureText.ProxyRefused(
                    attempt.Proxy,
                    (int)status
                ),
                { HttpRequestError: HttpRequestError.ExtendedConnectNotSupported } =>
                    $"The server at {attempt.Authority} speaks HTTP/2, but not WebSocket over it (RFC 8441); HTTP 1.1 may do.",
                { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
                    $"The server at {attempt.Authority} does not offer HTTP/2; HTTP 1.1 may do.",
                // Many servers abort the TLS handshake when ALPN finds no common HTTP version, and .NET reports that like any other
                // TLS failure.
                { InnerException: AuthenticationException tls } when attempt.IsHttp2 =>
                    $"TLS with {attempt.Authority} failed, or the server does not offer HTTP/2: {tls.GetBaseException().Message}",
                // OpenSSL reports what the server says in TLS; without it the server has said nothing in TLS.
                { InnerException: AuthenticationException { InnerException: null } } when attempt.Step == HandshakeStep.Securing =>
                    HandshakeFailureText.NoTls(attempt.Authority),
                { InnerException: AuthenticationException tls } => $"TLS with {attempt.Authority} failed: {tls.GetBaseException().Message}",
                { HttpRequestError: HttpRequestError.SecureConnectionError } => HandshakeFailureText.TlsEnded(attempt.Authority),
                { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => HandshakeFailureText.TooManyHeaders,
                { HttpRequestError: HttpRequestError.InvalidResponse } => HandshakeFailureText.NotHttp(server),
                { HttpRequestError: HttpRequestError.ResponseEnded } => HandshakeFailureText.Ended(server, attempt.IsTls),
                _ when error == SocketError.ConnectionReset => HandshakeFailureText.Reset(server, attempt.IsTls),
                _ => $"The opening handshake with {server} failed: {exception.GetBaseException().Message}",
            };
    }

    // The platform names a proxy with the user and password that its address carries: they are not for logs and screens.
    private static HttpRequestException WithoutUser(HttpRequestException exception)
    {
        string message = WithoutUser(exception.Message);
        return message == exception.Message
            ? exception
            : new HttpRequestException(exception.HttpRequestError, message, statusCode: exception.StatusCode);
    }

    // Without a regular expression: it would be the only one, and its assembly may not be loadable when something fails.
    internal static string WithoutUser(string text)
    {
        for (int start = 0; text.IndexOf("://", start, StringComparison.Ordinal) is var found and >= 0; )
        {
            start = found + 3;
            ReadOnlySpan<char> rest = text.AsSpan(start);
            int end = rest.IndexOfAny(" \t\r\n/'\"");
            int at = rest[..(end < 0 ? rest.Length : end)].LastIndexOf('@');
            if (at >= 0)
            {
                text = text.Remove(start, at + 1);
            }
        }

        return text;
    }

    private static KeyValuePair<string, string>[] Headers(HttpResponseMessage response) =>
        [
            .. response
                .Headers.Concat(response.Content.Headers)
                .Select(static header => KeyValuePair.Create(header.Key, string.Join(", ", header.Value))),
        ];
}
