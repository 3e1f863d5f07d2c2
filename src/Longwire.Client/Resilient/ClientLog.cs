using Microsoft.Extensions.Logging;

namespace Longwire.Client;

/// <summary>The log messages of clients that stay up. Neither a query, nor a header, nor what was sent or received is ever in it.</summary>
internal static partial class ClientLog
{
    public const string Category = "Longwire.Client";

    [LoggerMessage(1, LogLevel.Information, "Connected to {Destination}.")]
    public static partial void Opened(ILogger logger, string destination);

    [LoggerMessage(2, LogLevel.Warning, "The connection is lost, or could not be made: {Reason}. Attempt {Attempt} follows in {Delay}.")]
    public static partial void Reconnecting(ILogger logger, ConnectionEnding reason, int attempt, TimeSpan delay);

    [LoggerMessage(3, LogLevel.Information, "The client is closed for good: {Reason}.")]
    public static partial void Closed(ILogger logger, ConnectionEnding reason);

    [LoggerMessage(4, LogLevel.Warning, "{Count} messages that waited were discarded: {Cause}.")]
    public static partial void Discarded(ILogger logger, int count, DiscardCause cause);

    [LoggerMessage(5, LogLevel.Error, "A handler of a client's event, or message, failed.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);
}
