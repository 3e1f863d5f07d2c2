using System.CommandLine;
using System.Text.RegularExpressions;
using Longwire.Cli.Network;

namespace Longwire.Cli.Connect;

/// <summary><c>longwire connect URL</c>, the default verb: what is typed is sent, what comes is shown.</summary>
internal static class ConnectCommand
{
    private const int UsualRedirects = 10;

    // Replies that an aim waits for may take longer than those that are only shown.
    private static readonly TimeSpan _usualWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _usualWaitForAim = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _matchTimeout = TimeSpan.FromSeconds(1);

    public static Command Create(CommandStreams streams)
    {
        var address = new Argument<string>("URL")
        {
            Description = "ws:// or wss://; ':8080/path' is on this machine; without a scheme it is wss, for localhost ws.",
        };
        var request = new RequestArguments();
        var location = new Option<bool>("--location", "-L") { Description = "Follow redirects." };
        Option<int> maxRedirects = OptionValues.Number(["--max-redirects"], "How many, with -L.", UsualRedirects, 0, 50);
        var deflate = new Option<bool>("--deflate") { Description = "Offer compression (permessage-deflate)." };
        Option<TimeSpan?> ping = OptionValues.Time(["--ping", "--ping-interval"], "Ping when nothing has come for so long. Default: 30 s.");
        Option<TimeSpan?> pong = OptionValues.Time(["--ping-timeout"], "How long a pong may take. Default: 20 s.");
        var retry = new Option<bool>("--retry") { Description = "Connect again when that fails or breaks, and send -x again." };
        Option<int> maxRetries = OptionValues.Number(["--max-retries"], "How often in a row, with --retry.", int.MaxValue, 1, int.MaxValue);

        Option<string[]> execute = Many("--execute", "TEXT", "Send this instead of reading input. Repeatable.", "-x");
        Option<string[]> files = Many("--send-file", "FILE", "Send the file as one message, behind -x. Repeatable.");
        var binary = new Option<bool>("--binary", "-b") { Description = "Send binary messages: each line's bytes, or -x, or a file." };
        var text = new Option<bool>("--text", "-t") { Description = "Send text, as is the default." };
        var typed = new Option<BinaryView>("--input")
        {
            Description = "With -b: what lines are written in: raw, hex, base64.",
            HelpName = "raw|hex|base64",
            DefaultValueFactory = _ => BinaryView.Raw,
        };
        var oneMessage = new Option<bool>("--one-message", "-1")
        {
            Description = "Send one line, with -b all of the input, as one message; end after one reply.",
        };
        var nul = new Option<bool>("--null-terminated", "-0") { Description = "A NUL ends messages, in and out, not a line feed." };
        var slash = new Option<bool>("--slash") { Description = "Take /ping, /close and so on in piped input too." };

        Option<TimeSpan?> wait = OptionValues.Time(
            ["--wait", "-w"],
            "After piped input: close when nothing has come for so long; after -x: close then. -1: wait for the server's close. "
                + "Default: 1 s without a message.",
            mayBeEndless: true
        );
        var exitOnEnd = new Option<bool>("--exit-on-eof", "-E") { Description = "Close as soon as the input ends." };
        Option<TimeSpan?> timeout = OptionValues.Time(["--timeout"], "End after so long, with exit code 2.");
        Option<string[]> expect = Many("--expect", "REGEX", "Some message has to match, else exit code 4. Repeatable, in this order.");
        var until = new Option<string?>("--until") { Description = "End with the message that matches.", HelpName = "REGEX" };
        Option<int> count = OptionValues.Number(["--count", "--max-messages"], "End after so many messages.", 0, 1, int.MaxValue);
        var checkClose = new Option<bool>("--check-close") { Description = "Exit code 8 when it closes but not by 1000 or 1001." };

        var hex = new Option<bool>("--hex") { Description = "Show binary messages in hexadecimal, as is the default." };
        var base64 = new Option<bool>("--base64") { Description = "Show binary messages in base64." };
        var raw = new Option<bool>("--raw") { Description = "Write binary messages as they are." };
        var showPings = new Option<bool>("--show-ping-pong", "-P") { Description = "Show pings and pongs that come." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show both handshakes, times and control frames." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show messages, errors, and nothing else." };
        var full = new Option<bool>("--full") { Description = "On a terminal: don't fold long messages." };
        var noColor = new Option<bool>("--no-color") { Description = "No colours; NO_COLOR says the same." };
        var output = new Option<OutputFormat>("--output")
        {
            Description = "text, or jsonl: a line of JSON for each event.",
            HelpName = "text|jsonl",
        };
        var version = new Option<int>("--protocol", "-p") { Hidden = true, DefaultValueFactory = _ => 13 };

        var command = new Command(
            "connect",
            "Connect to a server, the default command: lines go out as messages, messages come in as lines. "
                + "In a terminal, Tab completes /commands, Up and Ctrl-R find lines typed before."
        )
        {
            address,
            version,
        };
        request.AddTo(command);
        command.AddGroup("Connection", location, maxRedirects, deflate, ping, pong, retry, maxRetries);
        command.AddGroup("What is sent", execute, files, binary, text, typed, oneMessage, nul, slash);
        command.AddGroup("When it ends", wait, exitOnEnd, timeout, expect, until, count, checkClose);
        command.AddGroup("What is shown", hex, base64, raw, showPings, verbose, quiet, full, noColor, output);
        var network = new NetworkArguments();
        network.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                ConnectOptions options;
                try
                {
                    TimeSpan? patience = parsed.GetValue(wait);
                    string[] messages = parsed.GetValue(execute)!;
                    Uri target = OptionValues.ReadAddress(parsed.GetValue(address)!);
                    options = new ConnectOptions
                    {
                        Address = target,
                        Network = network.Read(parsed, target),
                        Headers = request.ReadHeaders(parsed),
                        Subprotocols = request.ReadSubprotocols(parsed),
                        Deflate = parsed.GetValue(deflate),
                        MaxRedirects = parsed.GetValue(location) ? parsed.GetValue(maxRedirects) : 0,
                        Messages = messages,
                        Files = [.. parsed.GetValue(files)!.Select(ExistingFile)],
                        Binary = parsed.GetValue(binary),
                        Typed = parsed.GetValue(typed),
                        Shown =
                            parsed.GetValue(raw) ? BinaryView.Raw
                            : parsed.GetValue(base64) ? BinaryView.Base64
                            : BinaryView.Hex,
                        NullTerminated = parsed.GetValue(nul),
                        OneMessage = parsed.GetValue(oneMessage),
                        ExitOnEnd = parsed.GetValue(exitOnEnd),
                        WaitsOnce = messages.Length > 0 && patience is not null && patience != Timeout.InfiniteTimeSpan,
                        Timeout = parsed.GetValue(timeout),
                        Expectations = [.. parsed.GetValue(expect)!.Select(ReadPattern)],
                        Until = parsed.GetValue(until) is { } pattern ? ReadPattern(pattern) : null,
                        Count = parsed.GetValue(oneMessage) ? 1 : parsed.GetValue(count),
                        MaxRetries = parsed.GetValue(retry) ? parsed.GetValue(maxRetries) : 0,
                        PingInterval = Positive(parsed.GetValue(ping)),
                        PongTimeout = Positive(parsed.GetValue(pong)),
                        ShowPings = parsed.GetValue(showPings),
                        Verbose = parsed.GetValue(verbose),
                        Slash = parsed.GetValue(slash),
                        Quiet = parsed.GetValue(quiet),
                        Color = !parsed.GetValue(noColor),
                        Full = parsed.GetValue(full),
                        JsonLines = parsed.GetValue(output) == OutputFormat.Jsonl,
                        CheckClose = parsed.GetValue(checkClose),
                    };
                    options = options with { Wait = patience ?? (options.HasAim ? _usualWaitForAim : _usualWait) };
                    if (parsed.GetValue(version) != 13)
                    {
                        throw new FormatException("--protocol: the version of WebSocket is 13 (RFC 6455), and there is no other.");
                    }
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                return await ConnectSession.RunAsync(options, streams, cancellationToken);
            }
        );
        return command;
    }

    private static Option<string[]> Many(string name, string value, string description, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = value,
            DefaultValueFactory = _ => [],
        };

    private static TimeSpan? Positive(TimeSpan? time) =>
        time is { } given && given <= TimeSpan.Zero ? throw new FormatException("Pings take a time above 0.") : time;

    private static string ExistingFile(string path) => File.Exists(path) ? path : throw new FormatException($"There is no file '{path}'.");

    // Without backtracking, so that no message can make a match take for ever; where a pattern needs it, with a limit.
    private static Regex ReadPattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, _matchTimeout);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"'{pattern}' is no regular expression: {exception.Message}", exception);
        }
    }
}
