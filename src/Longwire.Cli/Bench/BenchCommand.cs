using System.CommandLine;
using System.Globalization;
using System.Net;
using Longwire.Cli.Network;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary><c>longwire bench URL</c>: measures a server under load.</summary>
internal static class BenchCommand
{
    private const int MaxConnections = 1_000_000;
    private const int MaxSeconds = 86_400;

    public static Command Create(CommandStreams streams)
    {
        var address = new Argument<string>("URL")
        {
            Description =
                "A server that sends each message back, or with --mode broadcast to everybody: ws://, wss://, or tcp://host:port for the same bytes without WebSocket.",
        };
        var mode = new Option<BenchMode>("--mode", "-m")
        {
            Description = "echo, broadcast, idle (memory of silent connections), storm (connections opened and closed).",
        };
        Option<int> connections = Number("--connections", "-c", "How many connections.", 100, 1, MaxConnections);
        Option<int> inFlight = Number(
            "--in-flight",
            "-i",
            "Closed loop: messages under way on each connection; the next leaves when a reply came.",
            1,
            1,
            4096
        );
        var rate = new Option<double>("--rate", "-r")
        {
            Description = "Open loop: messages a second on all connections together. Latency counts from when a message was due.",
        };
        var size = new Option<string?>("--size", "-s")
        {
            Description =
                "Payload bytes; several in rotation as 20,1024,64KiB, with shares as 9x20,1x64KiB. Default: 20, or the least that a broadcast takes.",
        };
        var binary = new Option<bool>("--binary", "-b") { Description = "Binary messages in place of text." };
        var json = new Option<bool>("--json") { Description = "Text that is a JSON object." };
        var say = new Option<string[]>("--say")
        {
            Description =
                "Idle: a text that each connection sends in place of one echo, as to sign in; {n} is the connection's number, {n/100} its hundred. "
                + "As many messages must come back as were sent. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var deflate = new Option<bool>("--deflate") { Description = "Compressed messages (permessage-deflate)." };
        var takeover = new Option<bool>("--takeover")
        {
            Description =
                "With --deflate: let each message refer to those before it (context takeover). Otherwise both sides are asked not to.",
        };
        Option<int> senders = Number("--senders", null, "Broadcast: how many of the connections send; 0 for all.", 0, 0, MaxConnections);
        Option<int> slowReaders = Number(
            "--slow-readers",
            null,
            "How many of the connections read only a little every 100 ms; they are not measured.",
            0,
            0,
            MaxConnections
        );
        Option<int> concurrency = Number(
            "--concurrency",
            null,
            "How many connections are being opened at a time; in a storm, how many there are.",
            64,
            1,
            10_000
        );
        Option<double> ramp = Seconds("--ramp", null, "Spread the opening of the connections over so many seconds.", 0, 0);
        Option<double> warmUp = Seconds("--warm-up", "-w", "Seconds before the window, which count for nothing.", 1, 0);
        Option<double> duration = Seconds("--duration", "-d", "Seconds that are measured.", 10, 0.01);
        Option<double> patience = Seconds(
            "--patience",
            null,
            "How long the server may be silent, and how long the last replies are waited for.",
            5,
            0.01
        );
        Option<int> server = Number(
            "--server-pid",
            null,
            "The server's process on this machine: its CPU time and memory are read.",
            0,
            0,
            int.MaxValue
        );
        var source = new Option<string?>("--source")
        {
            Description = "Local addresses to connect from, as 127.0.0.2,127.0.0.3: each gives some 28,000 connections.",
        };
        Option<int> workers = Number(
            "--workers",
            null,
            "How many processes share the work. Default: as many as the connections' descriptors take.",
            0,
            0,
            256
        );
        var header = new Option<string[]>("--header", "-H")
        {
            Description = "A header of the request, as 'Name: value'. Repeatable.",
            DefaultValueFactory = _ => [],
        };
        var network = new NetworkArguments();
        var loop = new Option<EventLoopKind>("--loop")
        {
            Description = "The kind of this side's event loop: io_uring where the kernel allows it, unless Epoll is given.",
        };
        var output = new Option<BenchOutput>("--output", "-o") { Description = "table, json, or jsonl for JSON on one line." };
        var assertions = new Option<string[]>("--assert", "-a")
        {
            Description = $"End with exit code 4 unless this holds, as 'p99<5ms'. Repeatable. Figures: {Assertion.Metrics}.",
            DefaultValueFactory = _ => [],
        };
        var name = new Option<string>("--name") { Description = "The server's name in JSON.", DefaultValueFactory = _ => "server" };
        var scenario = new Option<string>("--scenario") { Description = "The scenario's name in JSON.", DefaultValueFactory = _ => "" };
        var agents = new Option<string?>("--agents")
        {
            Description = "Measure from these machines instead, as host:port,host:port: each runs longwire bench agent.",
        };
        var secret = new Option<string?>("--secret") { Description = "What is shared with them. Default: LONGWIRE_BENCH_SECRET." };
        var html = new Option<string?>("--html") { Description = "Write a page with figures and plots.", HelpName = "FILE" };
        var worker = new Option<string?>("--worker") { Hidden = true };
        var onlyLoopback = new Option<bool>("--only-loopback") { Hidden = true };
        var command = new Command("bench", "Measure a server under load: closed or open loop, broadcast, idle memory, connection storms.")
        {
            address,
            mode,
            connections,
            inFlight,
            rate,
            size,
            binary,
            json,
            say,
            deflate,
            takeover,
            senders,
            slowReaders,
            concurrency,
            ramp,
            warmUp,
            duration,
            patience,
            server,
            source,
            workers,
            header,
            loop,
            output,
            assertions,
            name,
            scenario,
            agents,
            secret,
            html,
            worker,
            onlyLoopback,
            AgentCommand.Create(streams),
            CompareCommand.Create(streams),
            ScenarioCommand.Create(streams),
        };
        network.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                BenchOptions options;
                try
                {
                    Uri target = ReadAddress(parsed.GetValue(address)!);
                    options = Check(
                        new BenchOptions
                        {
                            Address = target,
                            Mode = parsed.GetValue(mode),
                            Connections = parsed.GetValue(connections),
                            InFlight = parsed.GetValue(inFlight),
                            Rate = parsed.GetValue(rate),
                            Sizes = parsed.GetValue(size) is { } sizes ? ReadSizes(sizes) : [],
                            Payload =
                                parsed.GetValue(binary) ? PayloadKind.Binary
                                : parsed.GetValue(json) ? PayloadKind.Json
                                : PayloadKind.Text,
                            Say = parsed.GetValue(say)!,
                            Deflate = parsed.GetValue(deflate),
                            Takeover = parsed.GetValue(takeover),
                            Senders = parsed.GetValue(senders),
                            SlowReaders = parsed.GetValue(slowReaders),
                            Concurrency = parsed.GetValue(concurrency),
                            Ramp = TimeSpan.FromSeconds(parsed.GetValue(ramp)),
                            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                            Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)),
                            Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
                            ServerProcess = parsed.GetValue(server),
                            Sources = ReadSources(parsed.GetValue(source)),
                            Workers = parsed.GetValue(workers),
                            Headers = [.. parsed.GetValue(header)!.Select(OptionValues.ReadHeader)],
                            Network = network.Read(parsed, target),
                            Loop = parsed.GetValue(loop),
                            Output = parsed.GetValue(output),
                            Assertions = [.. parsed.GetValue(assertions)!.Select(ReadAssertion)],
                            Name = parsed.GetValue(name)!,
                            Scenario = parsed.GetValue(scenario)!,
                            Agents = parsed.GetValue(agents) is { } list && parsed.GetValue(worker) is null ? ReadAgents(list) : [],
                            Secret =
                                parsed.GetValue(agents) is null || parsed.GetValue(worker) is not null
                                    ? ""
                                    : AgentSecret.Read(parsed.GetValue(secret)),
                            HtmlFile = parsed.GetValue(html),
                            OnlyLoopback = parsed.GetValue(onlyLoopback),
                        }
                    );
                }
                catch (FormatException exception)
                {
                    if (parsed.GetValue(worker) is not null)
                    {
                        await BenchWorkerLoop.TellAsync(new BenchFault(exception.Message, ExitCode.Usage), streams);
                    }

                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }

                if (parsed.GetValue(worker) is { } share)
                {
                    string[] parts = share.Split('/');
                    options = options.ShareOf(
                        int.Parse(parts[0], CultureInfo.InvariantCulture),
                        int.Parse(parts[1], CultureInfo.InvariantCulture)
                    );
                    return await BenchWorkerLoop.RunAsync(options, streams, cancellationToken);
                }

                return await new BenchCoordinator(options, [.. parsed.Tokens.Select(static token => token.Value)], streams).RunAsync(
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static BenchOptions Check(BenchOptions options)
    {
        int least = options.Mode == BenchMode.Broadcast ? BroadcastRun.LeastBytes(options.Payload) : Script.LeastBytes(options.Payload);
        if (options.Sizes.Count == 0)
        {
            options = options with { Sizes = [Math.Max(BenchOptions.UsualBytes, least)] };
        }

        return options switch
        {
            _ when !EventLoopGroup.IsSupported => throw new FormatException("bench needs 64-bit Linux: it runs on Longwire's event loops."),
            { OnlyLoopback: true } when !options.Address.IsLoopback => throw new FormatException(
                $"This agent loads only its own machine, not {options.Address.Host}; it would with --any-target."
            ),
            { Rate: < 0 or double.NaN or > 100_000_000 } => throw new FormatException(
                "--rate is a number of messages a second, up to 100 million."
            ),
            { Mode: BenchMode.Broadcast, Sizes.Count: > 1 } => throw new FormatException("Messages of a broadcast are of one size."),
            { Mode: BenchMode.Broadcast, IsTcp: true } => throw new FormatException("Plain TCP has no messages to broadcast."),
            { Mode: BenchMode.Broadcast, Deflate: true } => throw new FormatException(
                "Broadcasts are measured without --deflate: each message carries its time, so none can be prepared."
            ),
            { Mode: BenchMode.Storm or BenchMode.Idle, IsOpenLoop: true } => throw new FormatException("--rate is for echo and broadcast."),
            { Mode: not BenchMode.Idle, Say.Count: > 0 } => throw new FormatException("--say is for --mode idle."),
            { IsTcp: true, Say.Count: > 0 } => throw new FormatException("--say is for WebSockets: plain TCP has no messages."),
            { Takeover: true, Deflate: false } => throw new FormatException("--takeover is for --deflate."),
            { IsTcp: true, Deflate: true } => throw new FormatException("Plain TCP is not compressed."),
            _ when options.Assertions.FirstOrDefault(assertion => assertion.LackIn(options) is not null) is { } unmeasured =>
                throw new FormatException($"'{unmeasured.Text}' can't be asserted: this is measured with {unmeasured.LackIn(options)}."),
            _ when options.SlowReaders >= options.Connections => throw new FormatException("Not all connections can be slow readers."),
            _ when options.Sizes.Sum(static size => (long)size) > 4L * BenchOptions.MaxMessageBytes => throw new FormatException(
                "The sizes in --size are too large together."
            ),
            _ when options.Sizes.Any(size => size < least) => throw new FormatException(
                $"Such a message has at least {least} bytes{(options.Mode == BenchMode.Broadcast ? ": each of a broadcast says who sent it, and when" : "")}."
            ),
            _ => options with
            {
                Sources = options.Sources.Count > 0 ? options.Sources : SourcesFor(options),
                UsesClient = options.Address.Scheme == "wss" || (!options.IsTcp && options.Network.ProxyFor(options.Address) is not null),
            },
        };
    }

    // On loopback there are addresses enough, so that no port need be lacking.
    private static IReadOnlyList<IPAddress> SourcesFor(BenchOptions options)
    {
        const int PortsPerAddress = 25_000;
        bool isLoopback =
            options.Address.IdnHost == "localhost"
            || (
                IPAddress.TryParse(options.Address.IdnHost, out IPAddress? target)
                && target.ToString().StartsWith("127.", StringComparison.Ordinal)
            );
        int count = (options.Connections + PortsPerAddress - 1) / PortsPerAddress;
        return isLoopback && count > 1 ? [.. Enumerable.Range(1, count).Select(static last => new IPAddress([127, 0, 0, (byte)last]))] : [];
    }

    private static Uri ReadAddress(string typed)
    {
        if (Uri.TryCreate(typed, UriKind.Absolute, out Uri? tcp) && tcp.Scheme == "tcp")
        {
            return tcp.Port > 0 && tcp.Host.Length != 0
                ? tcp
                : throw new FormatException($"'{typed}' lacks a port: write it as tcp://host:port.");
        }

        return Arguments.TryReadAddress(typed, out Uri address)
            ? new UriBuilder(address)
            {
                Scheme = address.Scheme switch
                {
                    "http" => "ws",
                    "https" => "wss",
                    var scheme => scheme,
                },
                Port = address.IsDefaultPort ? -1 : address.Port,
            }.Uri
            : throw new FormatException($"'{typed}' is not a WebSocket address: write it as ws://host/path or wss://host/path.");
    }

    private static IReadOnlyList<string> ReadAgents(string list)
    {
        string[] agents = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return agents.All(static agent => Uri.TryCreate($"tcp://{agent}", UriKind.Absolute, out Uri? address) && address.Port > 0)
            ? agents
            : throw new FormatException($"'{list}' are no agents: write them as host:port,host:port.");
    }

    private static IReadOnlyList<int> ReadSizes(string text) =>
        PayloadSizes.TryParse(text, out IReadOnlyList<int> sizes)
            ? sizes
            : throw new FormatException($"'{text}' are no sizes: write 20, or 20,1024,64KiB, or 9x20,1x64KiB.");

    private static IReadOnlyList<IPAddress> ReadSources(string? text) =>
        text is null
            ? []
            :
            [
                .. text.Split(',')
                    .Select(part =>
                        IPAddress.TryParse(part.Trim(), out IPAddress? source)
                            ? source
                            : throw new FormatException($"'{part}' is no IP address.")
                    ),
            ];

    private static Assertion ReadAssertion(string text) =>
        Assertion.TryParse(text, out Assertion? assertion)
            ? assertion!
            : throw new FormatException(
                $"'{text}' can't be asserted: write a figure, a comparison and a limit, as 'p99<5ms'. Figures: {Assertion.Metrics}."
            );

    private static Option<int> Number(string name, string? alias, string description, int value, int least, int most) =>
        OptionValues.Number(alias is null ? [name] : [name, alias], description, value, least, most);

    private static Option<double> Seconds(string name, string? alias, string description, double value, double least)
    {
        Option<double> option = alias is null ? new Option<double>(name) : new Option<double>(name, alias);
        option.Description = description;
        option.DefaultValueFactory = _ => value;
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && !(
                    double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
                    && seconds >= least
                    && seconds <= MaxSeconds
                )
            )
            {
                result.AddError($"{name} wants seconds from {least} to {MaxSeconds}, not '{text}'.");
            }
        });
        return option;
    }
}
