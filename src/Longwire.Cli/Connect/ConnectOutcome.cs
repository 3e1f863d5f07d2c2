namespace Longwire.Cli.Connect;

/// <summary>How an attempt to connect, or a connection, ended.</summary>
/// <param name="ExitCode">The tool's exit code if it doesn't try again.</param>
/// <param name="IsTransient">Whether trying again may help.</param>
internal readonly record struct ConnectOutcome(int ExitCode, bool IsTransient)
{
    /// <summary>Whether there was a connection.</summary>
    public bool WasOpen { get; init; }

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
