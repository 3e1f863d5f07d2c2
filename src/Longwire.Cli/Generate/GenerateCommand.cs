using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace Longwire.Cli.Generate;

/// <summary><c>longwire generate</c>: the messages and rooms of an application's hub, for its clients.</summary>
internal static class GenerateCommand
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Command Create(CommandStreams streams)
    {
        var name = new Option<string?>("--name")
        {
            Description = "The contract's name. Default: the application's, and Contract.",
            HelpName = "NAME",
        };
        name.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !TypeScriptTypes.IsName(text))
            {
                result.AddError($"'{text}' is no name of a type in TypeScript: write letters and digits, as ChatContract.");
            }
        });
        return new Command(
            "generate",
            "Write the messages of an application's hub down: a typed TypeScript contract, an AsyncAPI document."
        )
        {
            Verb(
                streams,
                "typescript",
                "Write the type that new HubClient<ChatContract>(…) takes.",
                [name],
                (contract, parsed) => TypeScriptWriter.Write(contract, parsed.GetValue(name))
            ),
            Verb(streams, "asyncapi", "Write an AsyncAPI 3 document.", [], static (contract, _) => AsyncApiWriter.Write(contract)),
        };
    }

    private static Command Verb(
        CommandStreams streams,
        string verb,
        string description,
        IEnumerable<Option> own,
        Func<JsonObject, ParseResult, string> write
    )
    {
        var from = new Option<string>("--from")
        {
            Description = "The built application: its DLL, with what it needs beside it.",
            HelpName = "FILE",
            Required = true,
        };
        var output = new Option<string?>("--to") { Description = "The file to write. Default: standard output.", HelpName = "FILE" };
        var arguments = new Argument<string[]>("ARGUMENTS") { Description = "What the application's Main is given; behind --." };
        var command = new Command(
            verb,
            $"{description} The application is run until it would start: its server doesn't listen, and its hosted services don't start."
        )
        {
            from,
            output,
            arguments,
        };
        foreach (Option option in own)
        {
            command.Add(option);
        }

        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                string text;
                try
                {
                    text = write(
                        await HubContract.ReadAsync(parsed.GetValue(from)!, parsed.GetValue(arguments) ?? [], cancellationToken),
                        parsed
                    );
                }
                catch (ContractException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                if (parsed.GetValue(output) is { } file)
                {
                    await File.WriteAllTextAsync(file, text, _utf8, cancellationToken);
                }
                else
                {
                    await streams.Output.WriteAsync(_utf8.GetBytes(text), cancellationToken);
                }

                return ExitCode.Done;
            }
        );
        return command;
    }
}
