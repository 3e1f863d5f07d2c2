using System.Runtime.InteropServices;

namespace Longwire.Protocol.Tests;

/// <summary>
/// The processor time that the calling thread has used. Unlike a clock it does not count what else the machine does meanwhile.
/// </summary>
internal static partial class ThreadTime
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    public static TimeSpan Of(Action action)
    {
        TimeSpan start = Now();
        action();
        return Now() - start;
    }

    private static TimeSpan Now()
    {
        if (clock_gettime(ThreadProcessorTime, out TimeSpec time) != 0)
        {
            throw new PlatformNotSupportedException($"clock_gettime failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
