using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Longwire.Soak;

/// <summary>The server's process, seen from outside.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<ServerProcess> StartAsync(SoakTransport transport)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ServerProcess).Assembly.Location, "serve", transport.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        try
        {
            string line =
                await process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
                ?? throw new InvalidOperationException("The server did not start.");
            return new ServerProcess(process, int.Parse(line, CultureInfo.InvariantCulture));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async Task<ServerState> StateAsync(bool collect = false)
    {
        await _process.StandardInput.WriteLineAsync(collect ? "collect" : "state");
        await _process.StandardInput.FlushAsync();
        string line =
            await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
            ?? throw new InvalidOperationException("The server has ended.");
        return JsonSerializer.Deserialize<ServerState>(line)!;
    }

    /// <summary>
    /// Waits until nothing is connected and no more descriptors are open than given; returns how the server is then, or when patience ends.
    /// </summary>
    public async Task<ServerState> UntilQuietAsync(int descriptors)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            ServerState state = await StateAsync(collect: true);
            if ((state.Connections == 0 && state.Sockets == 0 && state.Descriptors <= descriptors) || waited.Elapsed > _patience)
            {
                return state;
            }

            await Task.Delay(200);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
