using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>Makes the exceptions of an opening handshake that failed.</summary>
internal static class HandshakeFailure
{
    public static WebSocketHandshakeException TooSlow(TimeSpan timeout) =>
        new(
            $"The server did not complete the opening handshake within {timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s.",
            null,
            innerException: new TimeoutException()
        );

    public static WebSocketHandshakeException Unreachable(Uri address, TimeSpan timeout, SocketException exception) =>
        exception.SocketErrorCode switch
        {
            SocketError.TimedOut => TooSlow(timeout),
            SocketError.ConnectionRefused => new(
                $"Nothing listens at {address.Authority}: connection refused.",
                null,
                innerException: exception
            ),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new(
                $"The name '{address.Host}' can't be resolved.",
                null,
                innerException: exception
            ),
            SocketError.TooManyOpenSockets => new("The process may open no more sockets (ulimit -n).", null, innerException: exception),
            SocketError.AddressNotAvailable => new(
                $"No local port is left for {address.Authority}; more local addresses give more ports.",
                null,
                innerException: exception
            ),
            _ => new($"The connection to {address.Authority} failed: {exception.Message}", null, innerException: exception),
        };

    public static WebSocketHandshakeException Ended(SocketError error) =>
        error switch
        {
            SocketError.Success or SocketError.ConnectionReset => new(
                "The server ended the connection in the opening handshake.",
                null,
                innerException: new SocketException((int)SocketError.ConnectionReset)
            ),
            SocketError.OperationAborted => new("The event loops have ended.", null, innerException: new SocketException((int)error)),
            _ => new(
                $"The opening handshake failed: {new SocketException((int)error).Message}",
                null,
                innerException: new SocketException((int)error)
            ),
        };

    /// <summary>What came is no HTTP, or more than is read of it.</summary>
    public static WebSocketHandshakeException NoAnswer(string message) => new(message, null);

    /// <summary>The server accepted, but not as RFC 6455 says.</summary>
    public static WebSocketHandshakeException Wrong(string message, HandshakeResponse response) =>
        new(message, response.Status, response.Headers);

    public static WebSocketHandshakeException Refused(HandshakeResponse response, string body) =>
        new(
            $"The server answered {(int)response.Status} {response.Reason}, not {(int)HttpStatusCode.SwitchingProtocols}: the handshake was refused.",
            response.Status,
            response.Headers,
            body
        );
}
