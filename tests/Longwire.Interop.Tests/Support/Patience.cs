namespace Longwire.Interop.Tests;

/// <summary>How long a test waits for another process before it fails. Nothing waits that long when all is well.</summary>
internal static class Patience
{
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(60);

    /// <summary>For what takes its time by design: time-outs of the server, big messages, starting a browser.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
}
