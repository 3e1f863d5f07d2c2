namespace Longwire.Transport.Linux.Tests;

internal static class OpenDescriptors
{
    /// <summary>How many descriptors of the process are sockets.</summary>
    public static int CountSockets()
    {
        int count = 0;
        foreach (string entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (new FileInfo(entry).LinkTarget is { } target && target.StartsWith("socket:", StringComparison.Ordinal))
            {
                count++;
            }
        }

        return count;
    }
}
