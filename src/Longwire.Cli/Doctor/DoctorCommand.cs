using System.CommandLine;
using Longwire.Cli.Network;

namespace Longwire.Cli.Doctor;

/// <summary><c>longwire doctor URL</c>: what works, what doesn't, why, and what to do about it.</summary>
internal static class DoctorCommand
{
    private const int MaxMessageBytes = 1 << 30;

    public static Command Create(CommandStreams streams)
    {
        var address = new Argument<string>("URL") { Description = "The server, as for connect." };
        var request = new RequestArguments();
        var network = new NetworkArguments();
        var execute = new Option<string[]>("--execute", "-x")
        {
            Description = "Send this when the connection is open, as to sign in. Repeatable.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => [],
        };
        Option<TimeSpan?> patience = OptionValues.Time(["--timeout"], "How long any one answer may take. Default: 5 s.");
        Option<TimeSpan?> watch = OptionValues.Time(["--watch"], "How long to see whether the server closes by itself. Default: 1 s.");
        Option<TimeSpan?> idle = OptionValues.Time(
            ["--idle"],
            "Leave the connection silent for so long, to see whether something cuts it."
        );
        Option<int> size = OptionValues.Number(
            ["--message-bytes"],
            "Send a text message of so many bytes, to see whether it is taken.",
            0,
            1,
            MaxMessageBytes
        );
        var output = new Option<OutputFormat>("--output")
        {
            Description = "text, or jsonl: the diagnosis as one line of JSON.",
            HelpName = "text|jsonl",
        };
        var command = new Command(
            "doctor",
            "Find out why a server can't be reached or drops connections: name, TCP, TLS, proxy, upgrade, origin, subprotocol, "
                + "extensions, ping, size, idle time, close."
        )
        {
            address,
            execute,
            patience,
            watch,
            idle,
            size,
            output,
        };
        request.AddTo(command);
        network.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                DoctorOptions options;
                try
                {
                    Uri target = OptionValues.ReadAddress(parsed.GetValue(address)!);
                    options = new DoctorOptions
                    {
                        Address = target,
                        Network = network.Read(parsed, target),
                        Headers = request.ReadHeaders(parsed),
                        Subprotocols = request.ReadSubprotocols(parsed),
                        Messages = parsed.GetValue(execute)!,
                        Patience = parsed.GetValue(patience) ?? TimeSpan.FromSeconds(5),
                        Watch = parsed.GetValue(watch) ?? TimeSpan.FromSeconds(1),
                        Idle = parsed.GetValue(idle) ?? TimeSpan.Zero,
                        MessageBytes = parsed.GetValue(size),
                        Output = parsed.GetValue(output),
                    };
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                var report = new DoctorReport(options, streams);
                Diagnosis diagnosis = await new Examination(options, report).RunAsync(cancellationToken);
                report.Write(diagnosis);
                return diagnosis.ExitCode;
            }
        );
        return command;
    }
}
