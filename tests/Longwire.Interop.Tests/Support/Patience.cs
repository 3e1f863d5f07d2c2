namespace Longwire.Interop.Tests;

/// <summary>How long a test waits for another process before it fails. Nothing waits that long when all is well.</summary>
internal static class Patience
{
    public static readonly TimeSpan Short = TimeSpan.FromMinutes(3);

    /// <summary>For what takes its time by design: time-outs of the server, big messages, starting a browser.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    /// <summary>For programs that work without a word.</summary>
    public static readonly TimeSpan Programs = TimeSpan.FromMinutes(8);
}
