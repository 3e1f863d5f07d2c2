using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Longwire.Cli.Bench;
using Longwire.Cli.Conform;
using Longwire.Cli.Connect;
using Longwire.Cli.Serve;

namespace Longwire.Cli;

/// <summary>The tool: its verbs, and how it is run.</summary>
internal static class CommandLine
{
    // Text that begins with '@' is a message to send, no file of arguments.
    private static readonly ParserConfiguration _parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] arguments, CommandStreams streams, CancellationToken cancellationToken = default)
    {
        var root = new RootCommand(
            "WebSockets from the terminal: serve a hub, connect to a server, measure it, judge either side by the protocol."
        )
        {
            ServeCommand.Create(streams),
            ConnectCommand.Create(streams),
            BenchCommand.Create(streams),
            BenchReport.Create(streams),
            ConformCommand.Create(),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        }

        string[] full = Arguments.WithDefaultVerb(arguments, root.Subcommands.Select(static verb => verb.Name));
        ParseResult parsed = root.Parse(full, _parsing);
        await using var output = new StreamWriter(streams.Output, leaveOpen: true);
        int exitCode = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = streams.Error }, cancellationToken);
        return parsed.Action is ParseErrorAction ? ExitCode.Usage : exitCode;
    }

    private sealed class HelpWithExitCodes(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = inner.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(ExitCode.Help);
            return exitCode;
        }
    }
}
