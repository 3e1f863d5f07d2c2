using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Longwire.Benchmarks.Support;

/// <summary>A server in a process of its own, on core 0, and what it has used. It prints "listening PORT" once it listens on loopback.</summary>
internal abstract partial class MeasuredProcess : IDisposable
{
    private const string Listening = "listening ";

    private readonly Process _process;

    protected MeasuredProcess(params string[] command)
    {
        _process = Process.Start(new ProcessStartInfo("taskset", ["-c", "0", .. command]) { RedirectStandardOutput = true })!;
        string? line;
        do
        {
            line =
                _process.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException(
                    $"{string.Join(' ', command)} doesn't start. Packages of a peer: npm ci --omit=optional --prefix {PeerFolder}"
                );
        } while (!line.StartsWith(Listening, StringComparison.Ordinal));

        // The rest of its output must not fill the pipe.
        _ = _process.StandardOutput.ReadToEndAsync();
        Authority = $"127.0.0.1:{int.Parse(line[Listening.Length..], CultureInfo.InvariantCulture)}";
    }

    /// <summary>The folder of the peer's scripts.</summary>
    public static string PeerFolder { get; } =
        typeof(MeasuredProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Peer").Value!;

    /// <summary>The command of our own server: this program again.</summary>
    protected static string[] LongwireCommand => ["dotnet", typeof(MeasuredProcess).Assembly.Location, "serve"];

    /// <summary>The command of the peer's server.</summary>
    protected static string[] PeerCommand => ["node", Path.Combine(PeerFolder, "server.js"), "0"];

    public string Authority { get; }

    /// <summary>Processor time so far, of all its threads. /proc has it in hundredths only.</summary>
    public double CpuSeconds
    {
        get
        {
            // Linux, clock_getcpuclockid(3): the id of the clock that a process's processor time is.
            int clock = (~_process.Id << 3) | 2;
            return ReadClock(clock, out Time time) == 0
                ? time.Seconds + (time.Nanoseconds / 1e9)
                : throw new InvalidOperationException("The server is gone.");
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>A file that the kernel keeps about the process.</summary>
    protected string FileOf(string name) => $"/proc/{_process.Id}/{name}";

    /// <summary>A figure of memory in KiB, from a file of lines such as <c>VmRSS: 1234 kB</c>.</summary>
    protected long Kibibytes(string file, string field)
    {
        string line = File.ReadLines(FileOf(file)).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Time time);

    /// <summary><c>timespec</c></summary>
    private readonly record struct Time(long Seconds, long Nanoseconds);
}
