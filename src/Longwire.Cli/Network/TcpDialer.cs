using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Cli.Network;

/// <summary>Opens TCP connections by name: the next address is tried a quarter of a second after the last (RFC 8305 §5).</summary>
internal static class TcpDialer
{
    private static readonly TimeSpan _stagger = TimeSpan.FromMilliseconds(250);

    /// <exception cref="SocketException">There is no such name, or no address of it takes the connection.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, ConnectTimes times, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken);
        times.Name = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        Socket socket = await RaceAsync(addresses, port, cancellationToken);
        times.Tcp = Stopwatch.GetElapsedTime(began);
        return socket;
    }

    private static async Task<Socket> RaceAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = new List<Task<Socket>>();
        Exception failure = new SocketException((int)SocketError.HostNotFound);
        try
        {
            for (int next = 0; next < addresses.Length || attempts.Count > 0; )
            {
                if (next < addresses.Length)
                {
                    attempts.Add(ConnectAsync(new IPEndPoint(addresses[next++], port), end.Token));
                }

                Task stagger = next < addresses.Length ? Task.Delay(_stagger, end.Token) : Task.Delay(Timeout.Infinite, end.Token);
                Task first = await Task.WhenAny([.. attempts, stagger]);
                if (first is not Task<Socket> attempt)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    continue;
                }

                attempts.Remove(attempt);
                if (attempt.IsCompletedSuccessfully)
                {
                    return await attempt;
                }

                failure = attempt.Exception?.InnerException ?? new OperationCanceledException(cancellationToken);
            }
        }
        finally
        {
            await end.CancelAsync();
            foreach (Task<Socket> late in attempts)
            {
                _ = late.ContinueWith(
                    static task => task.Result.Dispose(),
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnRanToCompletion,
                    TaskScheduler.Default
                );
            }
        }

        throw failure;
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
