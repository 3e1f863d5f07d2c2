using Longwire.AspNetCore;
using Microsoft.Extensions.Hosting;

namespace Longwire.Cli.Serve;

/// <summary>
/// Has the collector tidy up once a crowd has come or gone. A handshake leaves some kilobytes of garbage behind, and a server whose
/// connections then wait allocates nothing any more, so nothing else would make the collector look. The heap of this server is
/// little but its connections, so that takes milliseconds; an application with a large heap of its own had better not.
/// </summary>
internal sealed class MemoryTrim(WebSocketConnections connections, TimeProvider? time = null) : BackgroundService
{
    /// <summary>How many connections must have come or gone.</summary>
    public const int Crowd = 1000;

    /// <summary>How often it looks: the number must have stayed about the same in between.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private int _trimmedAt;
    private int _before;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time ?? TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (IsDue(connections.Count))
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Looks at the number of connections, as often as <see cref="Interval"/> says.</summary>
    internal bool IsDue(int count)
    {
        bool settled = Math.Abs(count - _before) < Crowd / 10;
        _before = count;
        if (!settled || Math.Abs(count - _trimmedAt) < Crowd)
        {
            return false;
        }

        _trimmedAt = count;
        return true;
    }
}
