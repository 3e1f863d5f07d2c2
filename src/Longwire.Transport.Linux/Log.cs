using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>Everything this assembly writes to the log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Event loops: {count} of kind {kind}.")]
    public static partial void LoopsStarted(ILogger logger, int count, EventLoopKind kind);

    [LoggerMessage(2, LogLevel.Information, "Event loops: {count} of kind epoll, because io_uring is not to be had here: {reason}")]
    public static partial void LoopsFellBack(ILogger logger, int count, string reason);

    [LoggerMessage(3, LogLevel.Error, "Loop {loop}: a socket's handler threw; that connection is closed.")]
    public static partial void HandlerFailed(ILogger logger, int loop, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "Loop {loop}: posted work threw.")]
    public static partial void WorkFailed(ILogger logger, int loop, Exception exception);

    [LoggerMessage(5, LogLevel.Critical, "Loop {loop}: a turn failed; the loop goes on.")]
    public static partial void TurnFailed(ILogger logger, int loop, Exception exception);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "Loop {loop}: no more connections can be accepted ({error}). Accepting is paused and tried again every {pause}."
    )]
    public static partial void AcceptPaused(ILogger logger, int loop, SocketError error, TimeSpan pause);

    [LoggerMessage(7, LogLevel.Information, "Loop {loop}: connections are accepted again.")]
    public static partial void AcceptResumed(ILogger logger, int loop);

    [LoggerMessage(8, LogLevel.Debug, "Loop {loop}: accepting a connection failed: {error} ({number}).")]
    public static partial void AcceptFailed(ILogger logger, int loop, SocketError error, int number);

    [LoggerMessage(
        9,
        LogLevel.Warning,
        "The Longwire transport needs Linux. This system keeps Kestrel's default transport: everything works, WebSockets cost more."
    )]
    public static partial void NotLinux(ILogger logger);

    [LoggerMessage(10, LogLevel.Warning, "{count} connections were still open when the event loops had to end, and were aborted.")]
    public static partial void Aborted(ILogger logger, int count);
}
