namespace Longwire.Cli;

/// <summary>What the tool's exit codes mean; <c>longwire --help</c> and the documentation say the same.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Usage = 1;
    public const int Timeout = 2;
    public const int ProtocolError = 3;
    public const int AssertionFailed = 4;
    public const int UpgradeRefused = 5;
    public const int Tls = 6;
    public const int NameOrTcp = 7;
    public const int ClosedOtherwise = 8;
    public const int Interrupted = 130;
}
