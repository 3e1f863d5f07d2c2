namespace Longwire.Cli.Tests;

/// <summary>How long a test waits for what must happen before it calls it a failure.</summary>
internal static class Patience
{
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(2);
}
