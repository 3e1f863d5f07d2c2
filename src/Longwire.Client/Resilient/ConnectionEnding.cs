using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Longwire.Client;

/// <summary>
/// Why a connection, or an attempt to make one, ended. Immutable. Its text, <see cref="Error"/> apart, never holds a token, a secret,
/// or an address's query, unless a provider of the application's puts it there.
/// </summary>
public sealed record ConnectionEnding
{
    private ConnectionEnding(string text, ReconnectAdvice advice)
    {
        Text = text;
        Advice = advice;
    }

    /// <summary>How the connection closed; null when there was none.</summary>
    public CloseStatus? Status { get; private init; }

    /// <summary>The status of the response to a handshake that failed; null when it did not, or no response came.</summary>
    public HttpStatusCode? HttpStatus { get; private init; }

    /// <summary>The ending in words: a close's reason, or the failure.</summary>
    public string Text { get; }

    /// <summary>The error, where one was the reason; else null.</summary>
    public Exception? Error { get; private init; }

    /// <summary>The reaction to it by <see cref="ReconnectRule"/>.</summary>
    public ReconnectAdvice Advice { get; }

    /// <summary>How long the server wants to be left alone (<c>Retry-After</c>); null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The machine slept.</summary>
    internal static ConnectionEnding Asleep { get; } = new("asleep", ReconnectAdvice.BackOff) { Status = CloseStatus.Abnormal };

    /// <summary>The server did not answer a probe.</summary>
    internal static ConnectionEnding Silent { get; } =
        new("The server did not answer.", ReconnectAdvice.BackOff) { Status = CloseStatus.Abnormal };

    /// <summary>The application closed it.</summary>
    internal static ConnectionEnding ByHand { get; } = new("by hand", ReconnectAdvice.Stop) { Status = CloseStatus.NormalClosure };

    /// <inheritdoc/>
    public override string ToString() =>
        Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"{(int)status} {Text}").TrimEnd() : Text;

    internal static ConnectionEnding Of(CloseStatus status, string reason, Exception? error) =>
        new(reason, ReconnectRule.For(status, reason)) { Status = status, Error = error };

    internal static ConnectionEnding Of(Exception error, TimeProvider time) =>
        error switch
        {
            WebSocketHandshakeException handshake => new(handshake.Message, ReconnectRule.For(handshake.StatusCode))
            {
                HttpStatus = handshake.StatusCode,
                Error = handshake,
                RetryAfter = ReadRetryAfter(handshake, time),
            },
            WebSocketClosedException closed => Of(closed.Status, closed.Reason, closed),
            // The caller's fault: another attempt would end the same.
            ArgumentException => new("The address, a header or a subprotocol can't be used.", ReconnectAdvice.Stop) { Error = error },
            OperationCanceledException or TimeoutException => new("The attempt took too long.", ReconnectAdvice.BackOff) { Error = error },
            _ => new(error.Message, ReconnectAdvice.BackOff) { Error = error },
        };

    /// <summary>For a caller that waits for the client to be open: why it won't be.</summary>
    internal Exception ToException() => new WebSocketClosedException(Status ?? CloseStatus.Abnormal, Text, Error);

    private static TimeSpan? ReadRetryAfter(WebSocketHandshakeException handshake, TimeProvider time)
    {
        string? value = handshake
            .Headers.FirstOrDefault(static header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase))
            .Value;
        if (!RetryConditionHeaderValue.TryParse(value, out RetryConditionHeaderValue? condition))
        {
            return null;
        }

        TimeSpan delay = condition.Delta ?? condition.Date!.Value - time.GetUtcNow();
        return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
    }
}
