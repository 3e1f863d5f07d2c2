using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;

namespace Longwire.Cli.Connect;

/// <summary><c>longwire connect URL</c>, the default verb: what is typed is sent, what comes is shown.</summary>
internal static class ConnectCommand
{
    private const int MaxSeconds = 1_000_000;

    public static Command Create(CommandStreams streams)
    {
        var address = new Argument<string>("URL")
        {
            Description = "ws:// or wss://; ':8080/path' is on this machine; without a scheme it is wss, for localhost ws.",
        };
        var header = new Option<string[]>("--header", "-H")
        {
            Description = "A header of the request, as 'Name: value'. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var auth = new Option<string?>("--auth") { Description = "Basic authentication, as user:password." };
        var subprotocol = new Option<string[]>("--subprotocol", "-s")
        {
            Description = "A subprotocol to offer. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var origin = new Option<string?>("--origin", "-o") { Description = "The header Origin." };
        var insecure = new Option<bool>("--no-check", "-n", "-k") { Description = "Take any certificate of the server." };
        var execute = new Option<string[]>("--execute", "-x")
        {
            Description = "Send this instead of reading input. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var binary = new Option<bool>("--binary", "-b") { Description = "Send binary messages." };
        var wait = new Option<double>("--wait", "-w")
        {
            Description =
                "At the end of piped input, or after -x: close when nothing has come for so many seconds; -1 to wait for the server to close.",
            DefaultValueFactory = _ => 1,
        };
        wait.Validators.Add(static result => CheckSeconds(result, least: -1));
        var timeout = new Option<double?>("--timeout") { Description = "End after so many seconds, with exit code 2." };
        timeout.Validators.Add(static result => CheckSeconds(result, least: 0));
        var slash = new Option<bool>("--slash")
        {
            Description = "Take /ping, /close and /quit as commands in piped input too, as in a terminal.",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show messages and nothing else." };
        var checkClose = new Option<bool>("--check-close")
        {
            Description = "End with exit code 8 when the connection closes with another status than 1000 or 1001.",
        };
        var command = new Command(
            "connect",
            "Connect to a WebSocket server: lines go out as messages, messages come in as lines. The default verb."
        )
        {
            address,
            header,
            auth,
            subprotocol,
            origin,
            insecure,
            execute,
            binary,
            wait,
            timeout,
            slash,
            quiet,
            checkClose,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                string typed = parsed.GetValue(address)!;
                if (!Arguments.TryReadAddress(typed, out Uri uri))
                {
                    return await UsageAsync(
                        streams,
                        $"'{typed}' is not a WebSocket address: write it as ws://host/path or wss://host/path."
                    );
                }

                var headers = new List<KeyValuePair<string, string>>();
                foreach (string line in parsed.GetValue(header)!)
                {
                    int colon = line.IndexOf(':', StringComparison.Ordinal);
                    if (colon <= 0)
                    {
                        return await UsageAsync(streams, $"'{line}' is not a header: write it as 'Name: value'.");
                    }

                    headers.Add(KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim()));
                }

                if (parsed.GetValue(auth) is { } credentials)
                {
                    headers.Add(
                        KeyValuePair.Create("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))
                    );
                }

                if (parsed.GetValue(origin) is { } from)
                {
                    headers.Add(KeyValuePair.Create("Origin", from));
                }

                return await ConnectSession.RunAsync(
                    new ConnectOptions
                    {
                        Address = uri,
                        Headers = headers,
                        Subprotocols = parsed.GetValue(subprotocol)!,
                        Insecure = parsed.GetValue(insecure),
                        Messages = parsed.GetValue(execute)!,
                        Binary = parsed.GetValue(binary),
                        Wait = parsed.GetValue(wait) is var patience and >= 0 ? TimeSpan.FromSeconds(patience) : Timeout.InfiniteTimeSpan,
                        Timeout = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                        Slash = parsed.GetValue(slash),
                        Quiet = parsed.GetValue(quiet),
                        CheckClose = parsed.GetValue(checkClose),
                    },
                    streams,
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static void CheckSeconds(OptionResult result, int least)
    {
        if (
            result.Tokens is [{ Value: var text }]
            && !(
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                && seconds >= least
                && seconds <= MaxSeconds
            )
        )
        {
            result.AddError($"'{text}' are no seconds: give a number from {least} to {MaxSeconds}.");
        }
    }

    private static async Task<int> UsageAsync(CommandStreams streams, string message)
    {
        await streams.Error.WriteLineAsync(message);
        return ExitCode.Usage;
    }
}
