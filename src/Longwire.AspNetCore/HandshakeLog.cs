using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Longwire.AspNetCore;

/// <summary>
/// Logs refused handshakes for the whole application, at <see cref="LogLevel.Information"/> in a category of their own. Since anybody can
/// have them refused, only so many are logged in a time. Thread safe.
/// </summary>
internal sealed partial class HandshakeLog(ILoggerFactory loggers, TimeProvider? time = null)
{
    /// <summary>The category, to set its level by.</summary>
    public const string Category = "Longwire.AspNetCore.Handshake";

    private const int MaxBurst = 50;
    private const int MaxPerSecond = 10;
    private const int MaxTextLength = 200;

    private readonly ILogger _logger = loggers.CreateLogger(Category);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private double _allowed = MaxBurst;
    private long _lastAllowed = (time ?? TimeProvider.System).GetTimestamp();
    private long _leftOut;

    public void Refused(HttpContext context, int statusCode, string reason)
    {
        if (!_logger.IsEnabled(LogLevel.Information) || !TryTake(out long leftOut))
        {
            return;
        }

        if (leftOut != 0)
        {
            RefusalsLeftOut(leftOut);
        }

        // The path without its query, which may hold a token. Escaped, as a path may hold the ends of lines.
        string path = (context.Request.PathBase + context.Request.Path).ToUriComponent();
        string origin = context.Request.Headers.Origin.ToString();
        HandshakeRefused(Printable(path), origin.Length == 0 ? "(none)" : Printable(origin), statusCode, reason);
    }

    private bool TryTake(out long leftOut)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            _allowed = Math.Min(MaxBurst, _allowed + (_time.GetElapsedTime(_lastAllowed, now).TotalSeconds * MaxPerSecond));
            _lastAllowed = now;
            if (_allowed < 1)
            {
                leftOut = ++_leftOut;
                return false;
            }

            _allowed--;
            Debug.Assert(_allowed >= 0);
            leftOut = _leftOut;
            _leftOut = 0;
            return true;
        }
    }

    private static string Printable(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan(0, Math.Min(text.Length, MaxTextLength));
        return start.ContainsAnyExceptInRange(' ', '~') || text.Length > MaxTextLength
            ? string.Concat(start.ToArray().Select(static character => character is >= ' ' and <= '~' ? character : '?'))
                + (text.Length > MaxTextLength ? "..." : "")
            : text;
    }

    [LoggerMessage(
        2,
        LogLevel.Information,
        "A WebSocket handshake at {Path} from the origin {Origin} was refused with {StatusCode}: {Reason}",
        EventName = "HandshakeRefused"
    )]
    private partial void HandshakeRefused(string path, string origin, int statusCode, string reason);

    [LoggerMessage(
        3,
        LogLevel.Information,
        "{Count} refused WebSocket handshakes were not logged, as there were too many at a time.",
        EventName = "RefusalsLeftOut"
    )]
    private partial void RefusalsLeftOut(long count);
}
