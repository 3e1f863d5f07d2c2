using System.Net;
using System.Text;
using Longwire.Cli.Terminal;

namespace Longwire.Cli.Connect;

/// <summary>Tells why there is no connection, and which exit code says so.</summary>
internal static class Refusal
{
    /// <summary>The server's answer, on several lines.</summary>
    public static string Explain(WebSocketHandshakeException exception, Uri address)
    {
        var text = new StringBuilder(TerminalText.Harmless(exception.Message));
        foreach ((string name, string value) in exception.Headers)
        {
            text.Append('\n').Append(TerminalText.Harmless($"  {name}: {value}"));
        }

        if (exception.Body.Length != 0)
        {
            text.Append('\n').Append(TerminalText.Harmless(exception.Body.TrimEnd()));
        }

        if (Advice(exception, address) is { } advice)
        {
            text.Append('\n').Append(advice);
        }

        return text.ToString();
    }

    public static int ExitCodeFor(WebSocketHandshakeException exception) =>
        exception switch
        {
            { StatusCode: HttpStatusCode.SwitchingProtocols } => ExitCode.ProtocolError,
            { StatusCode: not null } => ExitCode.UpgradeRefused,
            { InnerException: OperationCanceledException or TimeoutException } => ExitCode.Timeout,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } } => ExitCode.Tls,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } } => ExitCode.ProtocolError,
            _ => ExitCode.NameOrTcp,
        };

    /// <summary>Whether it may be otherwise in a while.</summary>
    public static bool IsTransient(WebSocketHandshakeException exception) =>
        exception.StatusCode is { } status
            ? (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            : ExitCodeFor(exception) is ExitCode.NameOrTcp or ExitCode.Timeout;

    /// <summary>The delay that the server asks for by <c>Retry-After</c>, in seconds.</summary>
    public static TimeSpan? RetryAfter(WebSocketHandshakeException exception) =>
        exception.Headers.FirstOrDefault(static header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value
            is { } text
        && int.TryParse(text, out int seconds)
        && seconds is >= 0 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string? Advice(WebSocketHandshakeException exception, Uri address) =>
        exception.StatusCode switch
        {
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => "It redirects: -L follows.",
            HttpStatusCode.Unauthorized => "It wants to know who you are: --auth user:password, --bearer TOKEN, or what it asks for by -H.",
            HttpStatusCode.Forbidden => "It may want another origin (-o), or other credentials.",
            HttpStatusCode.NotFound => "Is the path right?",
            HttpStatusCode.UpgradeRequired or HttpStatusCode.BadRequest =>
                "If it is meant for WebSocket, a proxy on the way may have dropped the upgrade: longwire doctor tells.",
            null when address.Scheme is "wss" or "https" && IsEnd(exception) =>
                "A server that wants a certificate of its clients may end like this: --cert FILE.",
            _ => null,
        };

    private static bool IsEnd(WebSocketHandshakeException exception) =>
        exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded };
}
