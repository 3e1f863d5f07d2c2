using System.CommandLine;
using System.Net;
using Longwire.Conformance;

namespace Longwire.Cli.Conform;

/// <summary><c>longwire conform</c>: judges a WebSocket server or client by the standard cases and by Longwire's own.</summary>
internal static class ConformCommand
{
    private const int DefaultClientPort = 9001; // the one that drivers for such suites call

    public static Command Create() =>
        new("conform", "Judge a server or client by the standard cases and our own: 517, and 20.* and 21.*")
        {
            CreateServer(),
            CreateClient(),
        };

    private static Command CreateServer()
    {
        var address = new Argument<string>("URL")
        {
            Description = "A server that sends back each message: ws:// or wss://, or as short as connect takes it.",
        };
        var http2 = new Option<bool>("--http2") { Description = "Speak WebSocket over HTTP/2 (RFC 8441)." };
        var insecure = new Option<bool>("--no-check", "-n", "-k") { Description = "Take any certificate of the server." };
        var common = new ConformOptions();
        var command = new Command("server", "Judge a server that echoes.") { address, http2, insecure };
        common.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                string typed = parsed.GetValue(address)!;
                if (!Arguments.TryReadAddress(typed, out Uri uri))
                {
                    await Console.Error.WriteLineAsync(
                        $"'{typed}' is not a WebSocket address: write it as ws://host/path or wss://host/path."
                    );
                    return ExitCode.Usage;
                }

                ConformanceOptions options = common.Read(parsed) with
                {
                    Http2 = parsed.GetValue(http2),
                    CertificateValidation = parsed.GetValue(insecure) ? static (_, _, _, _) => true : null,
                };
                try
                {
                    ConformanceRun run = await ServerSuite.RunAsync(uri, options, new ProgressLine(), cancellationToken);
                    return await common.ReportAsync(parsed, [run]);
                }
                catch (IOException exception)
                {
                    await Console.Error.WriteLineAsync(exception.Message);
                    return ExitCode.NameOrTcp;
                }
                catch (OperationCanceledException)
                {
                    return ExitCode.Interrupted;
                }
            }
        );
        return command;
    }

    private static Command CreateClient()
    {
        var port = new Option<int>("--port", "-p")
        {
            Description = "The TCP port to listen on; 0 for any.",
            DefaultValueFactory = _ => DefaultClientPort,
        };
        var common = new ConformOptions();
        var command = new Command(
            "client",
            "Judge clients: listen, and let a test driver call /getCaseCount, /runCase?case=N&agent=X, /updateReports?agent=X."
        )
        {
            port,
        };
        common.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var options = new ClientSuiteOptions
                {
                    Conformance = common.Read(parsed),
                    Endpoint = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port)),
                };
                IReadOnlyList<ConformanceRun> runs = await ClientSuite.RunAsync(
                    options,
                    new ProgressLine(),
                    uri => Console.Error.WriteLine($"Waiting for a client's driver at {uri}"),
                    cancellationToken
                );
                if (runs.Count == 0)
                {
                    await Console.Error.WriteLineAsync("No client has called.");
                    return ExitCode.Timeout;
                }

                return await common.ReportAsync(parsed, runs);
            }
        );
        return command;
    }
}
