namespace Longwire.Cli;

/// <summary>What the tool's exit codes mean.</summary>
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

    /// <summary>The same, as <c>--help</c> says it.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    usage
          2    time-out
          3    protocol error
          4    an assertion failed; conform: a case failed
          5    upgrade refused
          6    TLS failed
          7    name not found, or no TCP connection; serve: the address can't be listened on
          8    closed with another status than 1000 or 1001 (only with --check-close)
          130  interrupted
        """;
}
