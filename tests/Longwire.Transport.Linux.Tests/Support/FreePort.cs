using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

/// <summary>A port for a program that has to be given one.</summary>
internal static class FreePort
{
    private const int Least = 10_000;

    /// <summary>
    /// Chooses a port at which nothing listens. It is below those that the kernel gives to connections and to listeners, one of which
    /// could have it before the program does, or while the program is away.
    /// </summary>
    public static int Choose()
    {
        string[] given = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t', StringSplitOptions.RemoveEmptyEntries);
        int end = int.Parse(given[0], CultureInfo.InvariantCulture);
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, end > Least ? Random.Shared.Next(Least, end) : 0);
            try
            {
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one, then.
            }
        }
    }

    /// <summary>Waits until the program listens at the port that it was given.</summary>
    /// <exception cref="InvalidOperationException">The program has ended instead.</exception>
    public static async Task WaitForAsync(Process program, int port, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (!program.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, timeout.Token);
            }
        }

        throw new InvalidOperationException(
            $"{program.StartInfo.FileName} doesn't listen at port {port}: it ended with {program.ExitCode}."
        );
    }
}
