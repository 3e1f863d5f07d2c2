using System.Globalization;

namespace Longwire.Cli.Bench;

/// <summary>The kernel's accounts of a process. Process 0 stands for none, and uses nothing.</summary>
internal static class ServerProcess
{
    // USER_HZ: what /proc counts in. It is 100 in every Linux that .NET runs on, whatever the kernel's own tick is.
    private const double TicksPerSecond = 100;

    /// <summary>User plus system CPU seconds since the process began (<c>man proc_pid_stat</c>, fields 14 and 15).</summary>
    public static double ReadCpuSeconds(int process)
    {
        if (process == 0)
        {
            return 0;
        }

        string stat = Read(process, "stat");

        // The second field is the name in brackets and may itself hold spaces and brackets: count from the last one on.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>The memory that the process has in RAM, in bytes.</summary>
    public static long ReadResidentBytes(int process)
    {
        if (process == 0)
        {
            return 0;
        }

        // Exact where the kernel lets us read it; the quick counters of statm lag behind by a few pages for each thread.
        try
        {
            string line = Read(process, "smaps_rollup").Split('\n').First(static line => line.StartsWith("Rss:", StringComparison.Ordinal));
            return Number(line["Rss:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
        }
        catch (UnauthorizedAccessException)
        {
            return Number(Read(process, "statm").Split(' ')[1]) * Environment.SystemPageSize;
        }
    }

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (IOException)
        {
            throw new BenchFault($"There is no process {process} to read the server's CPU time and memory of.", ExitCode.Usage);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
