using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>
/// <c>longwire bench agent</c>: lends this machine to measurements that are led from another one, which has to know the shared secret.
/// One at a time, and against this machine alone unless it says otherwise.
/// </summary>
internal static class AgentCommand
{
    private const int MaxLineLength = 64 << 10;

    // A stranger who connects and says nothing keeps others out no longer than this.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static Command Create(CommandStreams streams)
    {
        Option<int> port = OptionValues.Number(["--port", "-p"], "The TCP port; 0 for any that is free.", 9010, 0, OptionValues.MaxPort);
        var host = new Option<string>("--host")
        {
            Description = "The IP address to listen on. Default: this machine alone.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var secret = new Option<string?>("--secret")
        {
            Description = "The shared secret. Default: LONGWIRE_BENCH_SECRET.",
            HelpName = "TEXT",
        };
        var anywhere = new Option<bool>("--any-target") { Description = "Load any server that is asked for, not this machine's alone." };
        var command = new Command("agent", "Lend this machine to measurements that another one leads by --agents.")
        {
            port,
            host,
            secret,
            anywhere,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                try
                {
                    string shared = AgentSecret.Read(parsed.GetValue(secret));
                    if (!IPAddress.TryParse(parsed.GetValue(host), out IPAddress? address))
                    {
                        throw new FormatException($"'{parsed.GetValue(host)}' is no IP address.");
                    }

                    using var listener = new TcpListener(address, parsed.GetValue(port));
                    listener.Start();
                    await streams.Output.WriteAsync(
                        Encoding.UTF8.GetBytes($"{{\"type\":\"listening\",\"port\":{((IPEndPoint)listener.LocalEndpoint).Port}}}\n"),
                        cancellationToken
                    );
                    while (true)
                    {
                        using TcpClient client = await listener.AcceptTcpClientAsync(cancellationToken);
                        await ServeAsync(client, shared, parsed.GetValue(anywhere), streams, cancellationToken);
                    }
                }
                catch (FormatException exception)
                {
                    await streams.Error.WriteLineAsync(exception.Message);
                    return ExitCode.Usage;
                }
                catch (SocketException exception)
                {
                    await streams.Error.WriteLineAsync($"Can't listen: {exception.Message}");
                    return ExitCode.NameOrTcp;
                }
                catch (OperationCanceledException)
                {
                    return ExitCode.Done;
                }
            }
        );
        return command;
    }

    private static async Task ServeAsync(
        TcpClient client,
        string secret,
        bool anywhere,
        CommandStreams streams,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using NetworkStream stream = client.GetStream();
            string nonce = AgentSecret.CreateNonce();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(nonce + "\n"), cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(_patience);
            string[] said = (await ReadLineAsync(stream, patience.Token)).Split(' ', 3);
            if (said.Length < 3 || !AgentSecret.Matches(AgentSecret.Proof(secret, "coordinator", nonce, said[0], said[2]), said[1]))
            {
                await streams.Error.WriteLineAsync($"{client.Client.RemoteEndPoint} doesn't know the secret.");
                return;
            }

            await stream.WriteAsync(
                Encoding.UTF8.GetBytes(AgentSecret.Proof(secret, "agent", nonce, said[0], "") + "\n"),
                cancellationToken
            );
            string[] arguments = JsonSerializer.Deserialize(said[2], BenchJson.Default.StringArray) ?? [];
            if (arguments is not ["bench", ..])
            {
                return;
            }

            await CommandLine.RunAsync(
                anywhere ? arguments : [.. arguments, "--only-loopback"],
                new CommandStreams
                {
                    Input = stream,
                    Output = stream,
                    Error = streams.Error,
                },
                cancellationToken
            );
        }
        catch (Exception exception) when (exception is IOException or JsonException or OperationCanceledException)
        {
            // That one has gone, or never was one of ours: the next is waited for.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // No further than the line's end: what follows is for the worker.
    private static async Task<string> ReadLineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        while (line.Count < MaxLineLength)
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]);
            }

            line.Add(one[0]);
        }

        throw new IOException("The line is too long.");
    }
}
