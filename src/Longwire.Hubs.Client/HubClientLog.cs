using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Client;

/// <summary>
/// The log messages of hub clients beside <see cref="ClientLog"/>. Neither tokens and secrets nor what was said is ever in it.
/// </summary>
internal static partial class HubClientLog
{
    [LoggerMessage(21, LogLevel.Warning, "The outbox's file was damaged: its last {Bytes} bytes were cut off.")]
    public static partial void OutboxDamaged(ILogger logger, long bytes);

    [LoggerMessage(22, LogLevel.Error, "The outbox's file can't be written. What waits is not sent before it can.")]
    public static partial void OutboxFailed(ILogger logger, Exception exception);

    [LoggerMessage(23, LogLevel.Warning, "A publication was not delivered: {State} {Code}.")]
    public static partial void Undelivered(ILogger logger, ReceiptState state, string code);

    [LoggerMessage(24, LogLevel.Warning, "The token could not be renewed. The next try follows in {Delay}.")]
    public static partial void RenewalFailed(ILogger logger, TimeSpan delay);

    [LoggerMessage(25, LogLevel.Debug, "The hub sent an error that belongs to no request: {Code}.")]
    public static partial void StrayError(ILogger logger, string code);
}
