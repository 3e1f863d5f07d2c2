using System.Diagnostics;
using Longwire.Cli.Network;
using Longwire.Client;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>Sends a message to the echo twenty times a second, and counts how long each took.</summary>
internal sealed class Probe
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private readonly int[] _counts = new int[Limits.Length + 1];

    /// <summary>The limits between the counts, in milliseconds.</summary>
    public static double[] Limits { get; } = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

    /// <summary>The counts since the last call: one for each limit, of the echoes that took no longer, and one of the rest.</summary>
    public int[] Take()
    {
        int[] taken = new int[_counts.Length];
        for (int i = 0; i < taken.Length; i++)
        {
            taken[i] = Interlocked.Exchange(ref _counts[i], 0);
        }

        return taken;
    }

    public async Task RunAsync(Uri echo, NetworkOptions network, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_interval);
        byte[] message = new byte[16];
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using WebSocketConnection socket = await NetworkClient.ConnectAsync(
                    echo,
                    network,
                    WebSocketClientOptions.Default,
                    handler: null,
                    stopping
                );
                while (await timer.WaitForNextTickAsync(stopping))
                {
                    long start = Stopwatch.GetTimestamp();
                    await socket.SendAsync(message, MessageType.Binary, stopping);
                    await socket.ReadAsync(stopping).AsTask().WaitAsync(_patience, stopping);
                    Count(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
            catch (Exception exception) when (exception is LongwireException or IOException or TimeoutException)
            {
                await timer.WaitForNextTickAsync(stopping);
            }
        }
    }

    private void Count(double milliseconds)
    {
        int index = Array.FindIndex(Limits, limit => milliseconds <= limit);
        Interlocked.Increment(ref _counts[index < 0 ? Limits.Length : index]);
    }
}
