using System.Runtime.InteropServices;
using System.Text;

namespace Longwire.Cli;

/// <summary>The streams of a command: payload goes to the output, everything else to the error writer.</summary>
internal sealed partial class CommandStreams
{
    private const int InputDescriptor = 0;
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;
    private const int GetDescriptorFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    public required Stream Input { get; init; }

    public required Stream Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether somebody types the input.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether somebody looks at the output.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether somebody looks at what goes to the error writer.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether colours are wanted where somebody looks: not where <c>NO_COLOR</c> is set (https://no-color.org).</summary>
    public bool MayColor { get; init; }

    /// <summary>Whether a line can be edited in place: somebody types it and sees it.</summary>
    public bool CanEdit { get; init; }

    /// <summary>The process's own.</summary>
    public static CommandStreams OfProcess()
    {
        bool isDumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        bool isInputTerminal = IsOpen(InputDescriptor) && !Console.IsInputRedirected;
        bool isErrorTerminal = IsOpen(ErrorDescriptor) && !Console.IsErrorRedirected;
        return new CommandStreams
        {
            Input = IsOpen(InputDescriptor) ? Console.OpenStandardInput() : Stream.Null,
            Output = new OutputStream(OpenOutput()),
            Error = IsOpen(ErrorDescriptor)
                ? new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true }
                : TextWriter.Null,
            IsInputTerminal = isInputTerminal,
            IsOutputTerminal = IsOpen(OutputDescriptor) && !Console.IsOutputRedirected,
            IsErrorTerminal = isErrorTerminal,
            MayColor = !isDumb && Environment.GetEnvironmentVariable("NO_COLOR") is null or "",
            // Elsewhere the terminal's own editing has to do.
            CanEdit = isInputTerminal && isErrorTerminal && !isDumb && OperatingSystem.IsLinux(),
        };
    }

    private static Stream? OpenOutput() =>
        !IsOpen(OutputDescriptor) ? null
        : OperatingSystem.IsWindows() ? Console.OpenStandardOutput()
        : new StandardOutput();

    // A descriptor that the shell closed is soon taken by a file of the runtime. That one is closed on exec, and no
    // descriptor that this process was started with can be.
    private static bool IsOpen(int descriptor) =>
        OperatingSystem.IsWindows() || fcntl(descriptor, GetDescriptorFlags, 0) is var flags and >= 0 && (flags & CloseOnExec) == 0;

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int argument);
}
