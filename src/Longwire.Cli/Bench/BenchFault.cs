namespace Longwire.Cli.Bench;

/// <summary>The measurement can't go on, or is worth nothing.</summary>
internal sealed class BenchFault(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The tool's exit code; see <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode => exitCode;

    public static BenchFault WrongReply(string message) => new(message, Cli.ExitCode.ProtocolError);
}
