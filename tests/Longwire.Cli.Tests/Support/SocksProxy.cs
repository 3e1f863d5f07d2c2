using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Cli.Tests;

/// <summary>microsocks, a SOCKS5 proxy that wants to know a user.</summary>
internal sealed class SocksProxy : IAsyncDisposable
{
    public const string User = "ada:secret";

    private readonly Process _process;

    private SocksProxy(Process process, int port) => (_process, Address) = (process, $"127.0.0.1:{port}");

    /// <summary>Host and port.</summary>
    public string Address { get; }

    public static async Task<SocksProxy> StartAsync()
    {
        // It can't be asked for any port that is free, and one that was free a moment ago may be taken.
        for (int attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            string[] user = User.Split(':');
            Process process = Process.Start(
                new ProcessStartInfo(
                    "microsocks",
                    ["-i", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-u", user[0], "-P", user[1]]
                )
                {
                    RedirectStandardError = true,
                }
            )!;
            _ = process.StandardError.ReadToEndAsync();
            var proxy = new SocksProxy(process, port);
            if (await proxy.TakesConnectionsAsync(port))
            {
                return proxy;
            }

            await proxy.DisposeAsync();
            Assert.True(attempt < 5, "microsocks doesn't start.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        _process.Dispose();
    }

    private async Task<bool> TakesConnectionsAsync(int port)
    {
        long start = Environment.TickCount64;
        while (!_process.HasExited && Environment.TickCount64 - start < Patience.Long.TotalMilliseconds)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}
