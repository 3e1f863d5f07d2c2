namespace Longwire.Cli;

/// <summary>The tool's exit codes.</summary>
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
    public const int Output = 9;
    public const int Interrupted = 130;

    /// <summary>The same, as <c>--help</c> says it.</summary>
    public const string Help = """
        Exit codes:
          0  done                     5  upgrade refused
          1  usage                    6  TLS failed
          2  time-out                 7  name or TCP: none, or broken; can't listen
          3  protocol error           8  closed but not by 1000 or 1001 (--check-close)
          4  an assertion failed      9  output can't be written      130  interrupted
        """;
}
