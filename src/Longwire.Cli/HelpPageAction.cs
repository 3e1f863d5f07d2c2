using System.CommandLine;
using System.CommandLine.Invocation;

namespace Longwire.Cli;

/// <summary>Writes the page of help of the command that was typed.</summary>
internal sealed class HelpPageAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write(HelpPage.Write(parseResult.CommandResult));
        return ExitCode.Done;
    }
}
