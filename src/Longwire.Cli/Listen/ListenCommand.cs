using System.CommandLine;

namespace Longwire.Cli.Listen;

/// <summary><c>longwire listen PORT</c>: a server for a quick test.</summary>
internal static class ListenCommand
{
    public static Command Create(CommandStreams streams)
    {
        var port = new Argument<int>("PORT")
        {
            Description = "The TCP port; 0 for any that is free, which the output's first line names in JSON.",
        };
        port.Validators.Add(static result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && !(int.TryParse(text, out int number) && number is >= 0 and <= OptionValues.MaxPort)
            )
            {
                result.AddError($"'{text}' is not a port: give a number from 0 to {OptionValues.MaxPort}.");
            }
        });
        var arguments = new Argument<string[]>("ARGUMENTS")
        {
            Description = "With --exec, behind --: the program's arguments.",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        var echo = new Option<bool>("--echo") { Description = "Send each message back." };
        var broadcast = new Option<bool>("--broadcast") { Description = "Send each message to all clients." };
        var chat = new Option<bool>("--chat") { Description = "Send each message to all others, with the sender's number before it." };
        var exec = new Option<string?>("--exec")
        {
            Description =
                "Start the program for each connection: messages are lines of its input, lines of its output are messages. Never by a "
                + "shell; what the client says reaches it in LONGWIRE_PATH, _QUERY, _ORIGIN, _REMOTE_ADDRESS, _CLIENT, _SUBPROTOCOL, "
                + "_USER_AGENT.",
            HelpName = "PROGRAM",
        };
        var folder = new Option<string?>("--static")
        {
            Description = "Serve the files of a folder, beside the WebSocket.",
            HelpName = "FOLDER",
        };
        var host = new Option<string>("--host")
        {
            Description = "The address to listen on; * for all. Default: this machine alone.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "localhost",
        };
        var tls = new Option<bool>("--tls") { Description = "Speak TLS with a certificate for localhost that is made for development." };
        var certificate = new Option<string?>("--cert") { Description = "Speak TLS with this certificate in PEM.", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "Its key in PEM.", HelpName = "FILE" };
        Option<string[]> subprotocol = Many("--subprotocol", "NAME", "A subprotocol to take. Repeatable.", "-s");
        Option<string[]> origin = Many(
            "--origin",
            "ORIGIN",
            "An origin whose pages may connect; * for all. Default: pages of this host. Repeatable.",
            "-o"
        );
        var deflate = new Option<bool>("--deflate") { Description = "Take compression (permessage-deflate)." };
        Option<int> maxClients = OptionValues.Number(["--max-clients"], "How many at a time.", 100, 1, 1_000_000);
        Option<string[]> fault = Many("--fault", "FAULT", Faults.Help);
        var binary = new Option<bool>("--binary", "-b") { Description = "Lines go out as binary messages." };
        var slash = new Option<bool>("--slash") { Description = "Take /list, /to, /close in piped input too." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show messages and nothing else." };
        var output = new Option<OutputFormat>("--output")
        {
            Description = "text, or jsonl: a line of JSON for each event.",
            HelpName = "text|jsonl",
        };
        var command = new Command(
            "listen",
            "Listen for clients: messages are shown, lines go to all clients. In a terminal: /list, /to ID TEXT, "
                + "/close ID [STATUS [REASON]], /quit."
        )
        {
            port,
            arguments,
        };
        command.AddGroup("What becomes of messages", echo, broadcast, chat, exec, folder, fault);
        command.AddGroup("Who may connect", host, tls, certificate, key, subprotocol, origin, deflate, maxClients);
        command.AddGroup("Input and output", binary, slash, quiet, output);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                ListenOptions options;
                try
                {
                    options = new ListenOptions
                    {
                        Port = parsed.GetValue(port),
                        Host = parsed.GetValue(host)!,
                        Mode = ReadMode(
                            parsed.GetValue(echo),
                            parsed.GetValue(broadcast),
                            parsed.GetValue(chat),
                            parsed.GetValue(exec) is not null
                        ),
                        Program = parsed.GetValue(exec) is { } program ? [program, .. parsed.GetValue(arguments)!] : [],
                        StaticFolder = parsed.GetValue(folder),
                        Tls = parsed.GetValue(tls),
                        CertificateFile = parsed.GetValue(certificate),
                        KeyFile = parsed.GetValue(key),
                        Subprotocols = parsed.GetValue(subprotocol)!,
                        Origins = parsed.GetValue(origin)!,
                        Deflate = parsed.GetValue(deflate),
                        MaxClients = parsed.GetValue(maxClients),
                        Faults = Faults.Read(parsed.GetValue(fault)!),
                        Binary = parsed.GetValue(binary),
                        Slash = parsed.GetValue(slash),
                        Quiet = parsed.GetValue(quiet),
                        Output = parsed.GetValue(output),
                    };
                    if (options.Program.Count == 0 && parsed.GetValue(arguments)!.Length > 0)
                    {
                        throw new FormatException("Arguments are for --exec.");
                    }

                    return await ListenServer.RunAsync(options, streams, cancellationToken);
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }
            }
        );
        return command;
    }

    private static ListenMode ReadMode(bool echo, bool broadcast, bool chat, bool exec) =>
        (echo, broadcast, chat, exec) switch
        {
            (false, false, false, false) => ListenMode.Show,
            (true, false, false, false) => ListenMode.Echo,
            (false, true, false, false) => ListenMode.Broadcast,
            (false, false, true, false) => ListenMode.Chat,
            (false, false, false, true) => ListenMode.Exec,
            _ => throw new FormatException("Give one of --echo, --broadcast, --chat and --exec."),
        };

    private static Option<string[]> Many(string name, string value, string description, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = value,
            DefaultValueFactory = _ => [],
        };
}
