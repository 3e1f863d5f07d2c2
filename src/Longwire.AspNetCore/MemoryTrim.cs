using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Longwire.AspNetCore;

/// <summary>
/// Collects garbage once a crowd of connections has come or gone, and gives the memory back to the system. A handshake leaves some
/// kilobytes of garbage behind, and connections that then wait allocate nothing, so nothing else would make the collector look.
/// Only where the heap is little but its connections, so that the pause is some tens of milliseconds; at most once a minute.
/// </summary>
internal sealed partial class MemoryTrim(
    WebSocketConnections connections,
    ILogger<MemoryTrim> logger,
    TimeProvider? time = null,
    Func<long>? liveHeapBytes = null
) : IHostedService, IDisposable
{
    /// <summary>How many connections must have come or gone, in crowds: a few at a time are not counted.</summary>
    public const int Crowd = 1000;

    /// <summary>How large the rest of the heap may be, beside <see cref="BytesOfAConnection"/> for each connection.</summary>
    public const long OtherHeapBytes = 64 << 20;

    public const long BytesOfAConnection = 2048;

    /// <summary>How often it looks: the number must have stayed about the same in between.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The least time between two collections.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Func<long> _liveHeapBytes = liveHeapBytes ?? LiveHeapBytes;
    private ITimer? _timer;
    private long _before;
    private long _moved;
    private long? _trimmed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = _time.CreateTimer(static trim => ((MemoryTrim)trim!).Look(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Looks at how many connections have come and gone so far, as often as <see cref="Interval"/> says.</summary>
    internal bool IsDue(long opened, int open)
    {
        long comeAndGone = opened + (opened - open);
        long difference = comeAndGone - _before;
        _before = comeAndGone;
        if (difference >= Crowd / 10)
        {
            _moved += difference;
            return false;
        }

        if (
            _moved < Crowd
            || (_trimmed is { } trimmed && _time.GetElapsedTime(trimmed) < Pause)
            || _liveHeapBytes() > OtherHeapBytes + (open * BytesOfAConnection)
        )
        {
            return false;
        }

        _moved = 0;
        _trimmed = _time.GetTimestamp();
        return true;
    }

    /// <summary>Collects garbage, and gives back to the system what it and the C library keep for another time.</summary>
    internal static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNative();
    }

    private void Look()
    {
        if (!IsDue(connections.Opened, connections.Count))
        {
            return;
        }

        long before = Environment.WorkingSet;
        GiveBack();
        Trimmed(before - Environment.WorkingSet, connections.Count);
    }

    // The live objects of the last collection that looked at all of them. None yet: the heap is still small.
    private static long LiveHeapBytes()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        GCMemoryInfo newer = GC.GetGCMemoryInfo(GCKind.Background);
        info = newer.Index > info.Index ? newer : info;
        return info.HeapSizeBytes - info.FragmentedBytes;
    }

    // Compiling what the crowd made hot has taken megabytes, which the C library keeps for another time.
    private static void TrimNative()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than GNU's.
        }
        catch (DllNotFoundException)
        {
            // Another system than Linux.
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    [LoggerMessage(
        1,
        LogLevel.Debug,
        "A crowd of WebSocket connections has come or gone: {Bytes} bytes went back to the system. {Connections} connections are open."
    )]
    private partial void Trimmed(long bytes, int connections);
}
