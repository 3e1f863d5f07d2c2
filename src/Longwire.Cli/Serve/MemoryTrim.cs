using System.Runtime.InteropServices;
using Longwire.AspNetCore;
using Microsoft.Extensions.Hosting;

namespace Longwire.Cli.Serve;

/// <summary>
/// Has the collector tidy up once a crowd has come or gone. A handshake leaves some kilobytes of garbage behind, and a server whose
/// connections then wait allocates nothing any more, so nothing else would make the collector look. The heap of this server is
/// little but its connections, so that takes milliseconds; an application with a large heap of its own had better not.
/// </summary>
internal sealed partial class MemoryTrim(WebSocketConnections connections, TimeProvider? time = null) : IHostedService, IDisposable
{
    /// <summary>How many connections must have come or gone, in crowds: a few at a time are not counted.</summary>
    public const int Crowd = 1000;

    /// <summary>How often it looks: the number must have stayed about the same in between.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private ITimer? _timer;
    private long _before;
    private long _moved;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = (time ?? TimeProvider.System).CreateTimer(static trim => ((MemoryTrim)trim!).Look(), this, Interval, Interval);
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

        bool due = _moved >= Crowd;
        _moved = due ? 0 : _moved;
        return due;
    }

    private void Look()
    {
        if (IsDue(connections.Opened, connections.Count))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            TrimNative();
        }
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
}
