namespace Longwire.Cli;

/// <summary>Standard output can't be written.</summary>
internal sealed class OutputException : IOException
{
    private const int BrokenPipeOnLinux = 32;
    private const int BrokenPipeOnWindows = unchecked((int)0x8007006D);
    private const int NoDataOnWindows = unchecked((int)0x800700E8);

    public OutputException(string message)
        : base(message) { }

    public OutputException(IOException cause)
        : base(cause.Message, cause) =>
        IsReaderGone =
            cause.HResult is BrokenPipeOnLinux or BrokenPipeOnWindows or NoDataOnWindows
            || cause.Message.Contains("Broken pipe", StringComparison.Ordinal);

    /// <summary>Whether whatever read the output has ended, as <c>head</c> does when it has enough: that is no failure.</summary>
    public bool IsReaderGone { get; }
}
