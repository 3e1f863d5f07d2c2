using System.Globalization;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>The use of the process and of the machine since the last call. On other systems than Linux only the process's.</summary>
internal sealed class Machine(TimeProvider time)
{
    private const double TicksPerSecond = 100; // USER_HZ, which Linux has fixed at 100 for programs
    private long _askedAt = time.GetTimestamp();
    private TimeSpan _process = Environment.CpuUsage.TotalTime;
    private Dictionary<string, long> _loops = [];
    private (long Busy, long All) _machine;

    /// <summary>In percent of a core: the process, and each event loop; in percent of all cores: the machine.</summary>
    public (double Process, double[] Loops, double Machine) Take()
    {
        long now = time.GetTimestamp();
        double seconds = time.GetElapsedTime(_askedAt, now).TotalSeconds;
        _askedAt = now;
        TimeSpan process = Environment.CpuUsage.TotalTime;
        double ofProcess = Percent((process - _process).TotalSeconds / seconds);
        _process = process;
        if (!OperatingSystem.IsLinux())
        {
            return (ofProcess, [], 0);
        }

        Dictionary<string, long> loops = ReadLoops();
        double[] ofLoops =
        [
            .. loops
                .OrderBy(static loop => loop.Key, StringComparer.Ordinal)
                .Select(loop => Percent((loop.Value - _loops.GetValueOrDefault(loop.Key, loop.Value)) / TicksPerSecond / seconds)),
        ];
        _loops = loops;
        (long busy, long all) = ReadMachine();
        double ofMachine = Percent(all > _machine.All ? (double)(busy - _machine.Busy) / (all - _machine.All) : 0);
        _machine = (busy, all);
        return (ofProcess, ofLoops, ofMachine);
    }

    /// <summary>The part of the machine's memory that is in use, in percent.</summary>
    public static double MemoryInUse()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return memory.TotalAvailableMemoryBytes > 0 ? Percent((double)memory.MemoryLoadBytes / memory.TotalAvailableMemoryBytes) : 0;
    }

    private static double Percent(double share) => Math.Round(100 * share, 1);

    // A thread's times are behind its name, which may hold anything but is in brackets: proc(5).
    private static Dictionary<string, long> ReadLoops()
    {
        var loops = new Dictionary<string, long>();
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string stat = File.ReadAllText(thread + "/stat");
                int end = stat.LastIndexOf(')');
                if (!stat.AsSpan(0, end).Contains("(longwire-loop-", StringComparison.Ordinal))
                {
                    continue;
                }

                string[] fields = stat[(end + 2)..].Split(' ');
                loops[thread] = Number(fields[11]) + Number(fields[12]);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }

        return loops;
    }

    private static (long Busy, long All) ReadMachine()
    {
        using StreamReader file = File.OpenText("/proc/stat");
        long[] times = [.. file.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number)];
        long all = times.Sum();
        return (all - times[3] - times[4], all);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
