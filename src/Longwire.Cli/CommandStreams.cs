using System.Text;

namespace Longwire.Cli;

/// <summary>What a command reads and writes: payload goes to the output, everything else to the error writer.</summary>
internal sealed class CommandStreams
{
    public required TextReader Input { get; init; }

    public required Stream Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether somebody types the input.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether somebody looks at the output.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether a line can be edited in place: somebody types it and sees it.</summary>
    public bool CanEdit { get; init; }

    /// <summary>The process's own.</summary>
    public static CommandStreams OfProcess() =>
        new()
        {
            Input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8),
            Output = Console.OpenStandardOutput(),
            Error = Console.Error,
            IsInputTerminal = !Console.IsInputRedirected,
            IsOutputTerminal = !Console.IsOutputRedirected,
            CanEdit = !Console.IsInputRedirected && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb",
        };
}
