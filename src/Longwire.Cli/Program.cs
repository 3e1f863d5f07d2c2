using System.CommandLine;
using Longwire.Cli;
using Longwire.Cli.Conform;
using Longwire.Cli.Connect;
using Longwire.Cli.Serve;

var root = new RootCommand("WebSockets from the terminal: serve a hub, connect to a server, judge either side by the protocol.")
{
    ServeCommand.Create(),
    ConnectCommand.Create(),
    ConformCommand.Create(),
};
ParseResult parsed = root.Parse(Arguments.WithDefaultVerb(args));
if (parsed.Errors.Count != 0)
{
    parsed.Invoke(); // prints what is wrong, and how it is meant
    return ExitCode.Usage;
}

return await parsed.InvokeAsync();
