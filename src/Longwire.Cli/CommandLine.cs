using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Longwire.Cli.Bench;
using Longwire.Cli.Conform;
using Longwire.Cli.Connect;
using Longwire.Cli.Doctor;
using Longwire.Cli.Generate;
using Longwire.Cli.Listen;
using Longwire.Cli.Serve;
using Longwire.Cli.Shell;

namespace Longwire.Cli;

/// <summary>The tool: its verbs, and how it is run.</summary>
internal static class CommandLine
{
    // Text that begins with '@' is a message to send, no file of arguments.
    private static readonly ParserConfiguration _parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>The verbs with their arguments and options.</summary>
    public static RootCommand Create(CommandStreams streams)
    {
        var root = new RootCommand("WebSockets from the terminal: connect, listen, measure, find out what is wrong.")
        {
            ConnectCommand.Create(streams),
            ListenCommand.Create(streams),
            DoctorCommand.Create(streams),
            BenchCommand.Create(streams),
            ConformCommand.Create(),
            ServeCommand.Create(streams),
            GenerateCommand.Create(streams),
            CompletionCommand.Create(streams),
            ManCommand.Create(streams),
            BenchReport.Create(streams),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpPageAction();
        }

        return root;
    }

    public static async Task<int> RunAsync(string[] arguments, CommandStreams streams, CancellationToken cancellationToken = default)
    {
        try
        {
            RootCommand root = Create(streams);
            string[] full = Arguments.WithDefaultVerb(arguments, root.Subcommands.Select(static verb => verb.Name));
            ParseResult parsed = root.Parse(full, _parsing);
            if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction or null)
            {
                return await TellUsageAsync(parsed, streams);
            }

            await using var output = new StreamWriter(streams.Output, leaveOpen: true);
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = streams.Error,
                    EnableDefaultExceptionHandler = false,
                },
                cancellationToken
            );
        }
        catch (OutputException exception)
        {
            return await TellAsync(exception, streams);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file that was named, as a page of results.
            await streams.Error.WriteLineAsync(exception.Message);
            return ExitCode.Output;
        }
    }

    /// <summary>Says why the output can't be written.</summary>
    /// <returns>The exit code: none of a failure when the reader has had enough.</returns>
    public static async Task<int> TellAsync(OutputException exception, CommandStreams streams)
    {
        if (exception.IsReaderGone)
        {
            return ExitCode.Done;
        }

        await streams.Error.WriteLineAsync($"The output can't be written: {exception.Message}");
        return ExitCode.Output;
    }

    // The error, and where the options are listed: a page of help would push the error off the screen.
    private static async Task<int> TellUsageAsync(ParseResult parsed, CommandStreams streams)
    {
        await streams.Error.WriteLineAsync(parsed.Errors[0].Message);
        string verb = parsed.CommandResult.Command is RootCommand ? "" : $" {HelpPage.PathOf(parsed.CommandResult)}";
        await streams.Error.WriteLineAsync($"For all options: longwire{verb} --help");
        return ExitCode.Usage;
    }
}
