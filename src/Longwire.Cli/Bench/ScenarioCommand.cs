using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Longwire.Cli.Network;

namespace Longwire.Cli.Bench;

/// <summary><c>longwire bench scenario FILE</c>: users who connect, sign in, think and talk, by a file.</summary>
internal static class ScenarioCommand
{
    public static Command Create(CommandStreams streams)
    {
        var file = new Argument<string>("FILE")
        {
            Description =
                "JSON with stages (users, seconds) and the steps first and repeat (name, send, expect, thinkSeconds): docs/guides/command-line.md.",
        };
        var address = new Argument<string?>("URL")
        {
            Description = "The server, in place of the file's.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => null,
        };
        var output = new Option<OutputFormat>("--output")
        {
            Description = "text, or jsonl: the result as one line of JSON.",
            HelpName = "text|jsonl",
        };
        var request = new RequestArguments();
        var network = new NetworkArguments();
        var command = new Command("scenario", "Measure with users who act by a file: stages, sign-in, think time.")
        {
            file,
            address,
            output,
        };
        request.AddTo(command);
        network.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                ScenarioResult result;
                try
                {
                    Scenario scenario = Scenario.Read(parsed.GetValue(file)!);
                    string url =
                        parsed.GetValue(address)
                        ?? scenario.Url
                        ?? throw new FormatException("Neither the file nor the command line has a URL.");
                    Uri target = OptionValues.ReadAddress(url);
                    var run = new ScenarioRun(scenario, target, network.Read(parsed, target), request.ReadHeaders(parsed));
                    result = await run.RunAsync(cancellationToken);
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                string text =
                    parsed.GetValue(output) == OutputFormat.Jsonl
                        ? JsonSerializer.Serialize(result, ScenarioJson.Default.ScenarioResult) + "\n"
                        : Table(result);
                await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None);
                if (result.FirstFailure is { } failure)
                {
                    await streams.Error.WriteLineAsync($"{result.Failures} users gave up. {failure}");
                    return ExitCode.AssertionFailed;
                }

                return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Done;
            }
        );
        return command;
    }

    private static string Table(ScenarioResult result)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"up to {result.Users:N0} users in {result.Seconds:0.#} s\n\n");
        foreach (ScenarioStepResult step in result.Steps)
        {
            string rate = (step.Count / Math.Max(result.Seconds, 0.001)).ToString("N0", CultureInfo.InvariantCulture);
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {step.Name, -18}{step.Count, 10:N0}  {rate, 8}/s  p50 {BenchTable.Time(step.P50Microseconds), -10} p99 {BenchTable.Time(step.P99Microseconds), -10} max {BenchTable.Time(step.MaxMicroseconds)}\n"
            );
        }

        return text.ToString();
    }
}
