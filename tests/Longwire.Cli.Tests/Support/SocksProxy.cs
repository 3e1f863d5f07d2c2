using System.Diagnostics;
using System.Globalization;
using Longwire.Transport.Linux.Tests;

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
        int port = FreePort.Choose();
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
        await FreePort.WaitForAsync(process, port, Patience.Long);
        return new SocksProxy(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        _process.Dispose();
    }
}
