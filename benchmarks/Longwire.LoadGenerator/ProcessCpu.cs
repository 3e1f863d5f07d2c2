using System.Globalization;

namespace Longwire.LoadGenerator;

/// <summary>CPU time of a process, all its threads together, as the kernel accounts for it.</summary>
internal static class ProcessCpu
{
    // USER_HZ: what /proc counts in. It is 100 in every Linux that .NET runs on, whatever the kernel's own tick is.
    private const double TicksPerSecond = 100;

    /// <summary>User plus system CPU seconds since the process began (<c>man proc_pid_stat</c>, fields 14 and 15).</summary>
    public static double ReadSeconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");

        // The second field is the name in brackets and may itself hold spaces and brackets: count from the last one on.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long user = long.Parse(fields[11], CultureInfo.InvariantCulture);
        long system = long.Parse(fields[12], CultureInfo.InvariantCulture);
        return (user + system) / TicksPerSecond;
    }
}
