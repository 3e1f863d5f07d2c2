using System.Diagnostics;
using System.Globalization;

namespace Longwire.Soak;

/// <summary>The storm's server, seen from outside.</summary>
internal sealed class StormProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private StormProcess(Process process) => _process = process;

    public int Port { get; private init; }

    /// <summary>The processor time of all of its threads since it was started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the server.</summary>
    /// <param name="transport">The connections' carrier.</param>
    /// <param name="port">The port; 0 for any.</param>
    public static async Task<StormProcess> StartAsync(SoakTransport transport, int port)
    {
        string[] arguments =
        [
            typeof(StormProcess).Assembly.Location,
            "storm-serve",
            transport.ToString(),
            port.ToString(CultureInfo.InvariantCulture),
        ];
        Process process = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true }
        )!;
        try
        {
            string line = await ReadAsync(process);
            return new StormProcess(process) { Port = int.Parse(line, CultureInfo.InvariantCulture) };
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>When handshakes came to it, in milliseconds.</summary>
    public async Task<long[]> HandshakesAsync()
    {
        await _process.StandardInput.WriteLineAsync("handshakes");
        string line = await ReadAsync(_process);
        return
        [
            .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static time => long.Parse(time, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>How much was published in the rooms of so many clients.</summary>
    public async Task<long> PublishedAsync(int clients)
    {
        await _process.StandardInput.WriteLineAsync($"published {clients}");
        return long.Parse(await ReadAsync(_process), CultureInfo.InvariantCulture);
    }

    /// <summary>Tells the clients to go, so many a second, and to come back over a time, and waits for the end.</summary>
    public async Task DrainAsync(double rate, TimeSpan over)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"drain {rate} {over.TotalSeconds}"));
        await _process.WaitForExitAsync().WaitAsync(_patience + TimeSpan.FromSeconds(20_000 / rate));
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(_patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<string> ReadAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(_patience) ?? throw new InvalidOperationException("The server has ended.");
}
