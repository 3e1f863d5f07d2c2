using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Longwire.Yjs.Benchmarks;

/// <summary>A server in a process of its own, on core 0, and what it has used.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process _process;

    private ServerProcess(string name, Process process, int port, string path)
    {
        Name = name;
        _process = process;
        Address = $"ws://127.0.0.1:{port}{path}";
        Broadcast = $"ws://127.0.0.1:{port}/broadcast";
    }

    public const string Longwire = "longwire";
    public const string Peer = "y-websocket 2.1 (Node)";
    public const string Plain = "longwire, a plain broadcast";

    /// <summary>The folder of the peer's scripts.</summary>
    public static string PeerFolder { get; } =
        typeof(ServerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Peer").Value!;

    public string Name { get; }

    /// <summary>Where documents are: their names follow.</summary>
    public string Address { get; }

    /// <summary>Where our server sends all to all.</summary>
    public string Broadcast { get; }

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

    /// <summary>The most memory that it has held since <see cref="ForgetPeak"/>, in MiB.</summary>
    public double PeakMebibytes => Mebibytes("VmHWM:");

    /// <summary>The memory that it holds now, in MiB.</summary>
    public double ResidentMebibytes => Mebibytes("VmRSS:");

    public static ServerProcess StartLongwire() => Start(Longwire, "/yjs/", "dotnet", typeof(ServerProcess).Assembly.Location, "serve");

    public static ServerProcess StartPeer() => Start(Peer, "/", "node", Path.Combine(PeerFolder, "server.js"), "0");

    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private double Mebibytes(string field)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    private static ServerProcess Start(string name, string path, params string[] command)
    {
        Process process = Process.Start(new ProcessStartInfo("taskset", ["-c", "0", .. command]) { RedirectStandardOutput = true })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("listening ", StringComparison.Ordinal))
            {
                // The rest of its output must not fill the pipe.
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServerProcess(name, process, int.Parse(line["listening ".Length..], CultureInfo.InvariantCulture), path);
            }
        }

        throw new InvalidOperationException($"{name} doesn't start. Its packages: npm ci --omit=optional --prefix {PeerFolder}");
    }
}
