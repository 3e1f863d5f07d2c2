using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Sets Kestrel's limits for many WebSockets on one HTTP/2 connection.</summary>
public static class Http2LimitsExtensions
{
    /// <summary>
    /// Gives every stream of an HTTP/2 connection a window of its own, so that a WebSocket or an upload that isn't read holds back nothing
    /// but itself (RFC 9113 §5.2). With Kestrel's defaults, 768 KiB a stream in 1 MiB for all of a connection, two that aren't read stop
    /// everything else that shares their TCP connection.
    /// </summary>
    /// <param name="limits">
    /// The limits, with <see cref="Http2Limits.MaxStreamsPerConnection"/> already set: the connection's window follows from it.
    /// </param>
    /// <param name="windowBytes">
    /// The window of a stream, 65,535 bytes and more; 64 KiB unless told. It bounds what an upload can have under way, and times twice
    /// the number of streams what one TCP connection can make the server hold: 12.5 MiB with 100 streams.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The window is below 65,535 bytes, or so large that the connection's would exceed 2³¹ − 1.
    /// </exception>
    public static void UseWindowPerStream(this Http2Limits limits, int windowBytes = 64 * 1024)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBytes, ushort.MaxValue);
        // Twice, as Kestrel gives a connection's window back only when half of it has been read.
        long connection = 2L * limits.MaxStreamsPerConnection * windowBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(connection, int.MaxValue, nameof(windowBytes));
        limits.InitialStreamWindowSize = windowBytes;
        limits.InitialConnectionWindowSize = (int)connection;
    }
}
