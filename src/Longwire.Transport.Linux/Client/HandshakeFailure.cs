using System.Net;
using System.Net.Sockets;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>Makes the exceptions of an opening handshake that failed.</summary>
internal static class HandshakeFailure
{
    /// <summary>There is no TCP connection.</summary>
    public static WebSocketHandshakeException Unreachable(Uri address, TimeSpan timeout, SocketException exception) =>
        exception.SocketErrorCode switch
        {
            SocketError.TimedOut => TooSlow(HandshakeFailureText.NoTcpInTime(address.Authority, timeout)),
            SocketError.ConnectionRefused => Because(HandshakeFailureText.Refused(address.Authority), exception),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => Because(
                HandshakeFailureText.NotResolved(address.Host),
                exception
            ),
            SocketError.TooManyOpenSockets => Because(HandshakeFailureText.NoDescriptors, exception),
            SocketError.AddressNotAvailable => Because(HandshakeFailureText.NoLocalPort(address.Authority), exception),
            _ => Because($"The connection to {address.Authority} failed: {exception.Message}", exception),
        };

    /// <summary>A step took too long, which the message names.</summary>
    public static WebSocketHandshakeException TooSlow(string message) => Because(message, new TimeoutException());

    /// <summary>The connection ended before the server had answered.</summary>
    public static WebSocketHandshakeException Ended(Uri address, SocketError error) =>
        error switch
        {
            SocketError.Success => Because(
                HandshakeFailureText.Ended(address.Authority, isTls: false),
                new SocketException((int)SocketError.ConnectionReset)
            ),
            SocketError.ConnectionReset => Because(
                HandshakeFailureText.Reset(address.Authority, isTls: false),
                new SocketException((int)error)
            ),
            SocketError.OperationAborted => Because("The event loops have ended.", new SocketException((int)error)),
            _ => Because($"The opening handshake failed: {new SocketException((int)error).Message}", new SocketException((int)error)),
        };

    /// <summary>The server's answer is none of HTTP/1, or more than is read of it.</summary>
    public static WebSocketHandshakeException NoAnswer(string message) => new(message, null);

    /// <summary>The server accepted, but not as RFC 6455 says.</summary>
    public static WebSocketHandshakeException Wrong(string message, HttpResponseHead response) =>
        new(message, (HttpStatusCode)response.Status, response.Headers);

    public static WebSocketHandshakeException Refused(HttpResponseHead response, string body) =>
        new(
            HandshakeFailureText.Status(response.Status, response.Reason, (int)HttpStatusCode.SwitchingProtocols),
            (HttpStatusCode)response.Status,
            response.Headers,
            body
        );

    private static WebSocketHandshakeException Because(string message, Exception cause) => new(message, null, innerException: cause);
}
