using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Longwire.Client;

namespace Longwire.Cli.Bench;

/// <summary>A worker on another machine: an agent, as <see cref="AgentCommand"/> runs it.</summary>
internal sealed class RemoteWorker(string address, string secret, IReadOnlyList<string> arguments, int worker, int workers) : IBenchWorker
{
    // Time for the line to arrive everywhere.
    private const int LeadMilliseconds = 300;

    private NetworkStream? _stream;
    private WorkerLink? _link;

    public long Completed => _link?.Completed ?? 0;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            int colon = address.LastIndexOf(':');
            int port = int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            Socket socket = await TcpDialer.ConnectAsync(address[..colon].Trim('[', ']'), port, cancellationToken);
            _stream = new NetworkStream(socket, ownsSocket: true);
            var reader = new StreamReader(_stream);
            var writer = new StreamWriter(_stream) { AutoFlush = true };
            string agentNonce = await reader.ReadLineAsync(cancellationToken) ?? "";
            string ownNonce = AgentSecret.CreateNonce();
            string[] full = [.. arguments, "--worker", string.Create(CultureInfo.InvariantCulture, $"{worker}/{workers}")];
            string json = JsonSerializer.Serialize(full, BenchJson.Default.StringArray);
            await writer.WriteLineAsync($"{ownNonce} {AgentSecret.Proof(secret, "coordinator", agentNonce, ownNonce, json)} {json}");
            string answer = await reader.ReadLineAsync(cancellationToken) ?? "";
            if (!AgentSecret.Matches(AgentSecret.Proof(secret, "agent", agentNonce, ownNonce, ""), answer))
            {
                throw new BenchFault($"The agent at {address} has another secret, or is busy.", ExitCode.NameOrTcp);
            }

            _link = new WorkerLink(reader, writer);
            await _link.OpenAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new BenchFault($"The agent at {address} can't be reached: {exception.Message}", ExitCode.NameOrTcp, exception);
        }
    }

    public Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt) =>
        _link!.MeasureAsync(string.Create(CultureInfo.InvariantCulture, $"+{LeadMilliseconds}"), interrupt);

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }
}
