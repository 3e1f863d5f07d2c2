using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Longwire.Hubs.Benchmarks;

/// <summary>A server in a process of its own, on core 0, and what it has used.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Authority = $"127.0.0.1:{port}";
    }

    public string Authority { get; }

    /// <summary>Processor time so far, of all its threads.</summary>
    public double CpuSeconds
    {
        get
        {
            string[] fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[^1].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
                / TicksPerSecond;
        }
    }

    /// <summary>The memory that it holds, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/smaps_rollup")
                .First(static line => line.StartsWith("Rss:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    public static ServerProcess StartLongwire() => Start("dotnet", typeof(ServerProcess).Assembly.Location, "serve");

    public static ServerProcess StartPeer()
    {
        string folder = typeof(ServerProcess)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static data => data.Key == "Peer")
            .Value!;
        return Start("node", Path.Combine(folder, "server.js"), "0");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static ServerProcess Start(params string[] command)
    {
        Process process = Process.Start(new ProcessStartInfo("taskset", ["-c", "0", .. command]) { RedirectStandardOutput = true })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("listening ", StringComparison.Ordinal))
            {
                // The rest of its output must not fill the pipe.
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(process, int.Parse(line["listening ".Length..], CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException($"{string.Join(' ', command)} doesn't start.");
    }
}
