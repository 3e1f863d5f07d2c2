using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>This process as a worker of another; see <see cref="WorkerProcess"/> for what they say to each other.</summary>
internal static class BenchWorkerLoop
{
    public static async Task<int> RunAsync(BenchOptions options, CommandStreams streams, CancellationToken interrupt)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        await using BenchRun run = BenchRun.Create(options);
        using var input = new StreamReader(streams.Input, Encoding.UTF8);
        try
        {
            // Its input ends with the process that started it.
            Task<string?> command = input.ReadLineAsync();
            using var opened = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            _ = command.ContinueWith(_ => opened.CancelAsync(), TaskScheduler.Default);
            await run.OpenAsync(opened.Token);
            await WriteAsync(streams, "ready");
            if (await command is not { } begin || !begin.StartsWith("begin ", StringComparison.Ordinal))
            {
                return ExitCode.Interrupted;
            }

            _ = input.ReadLineAsync().ContinueWith(_ => stop.CancelAsync(), TaskScheduler.Default);
            BenchShare share = await run.MeasureAsync(long.Parse(begin.AsSpan("begin ".Length), CultureInfo.InvariantCulture), stop.Token);
            await WriteAsync(streams, "share " + JsonSerializer.Serialize(share, BenchJson.Default.BenchShare));
            return share.ExitCode;
        }
        catch (BenchFault fault)
        {
            await WriteAsync(
                streams,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"failed {fault.ExitCode} {JsonSerializer.Serialize(fault.Message, BenchJson.Default.String)}"
                )
            );
            return fault.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task WriteAsync(CommandStreams streams, string line)
    {
        await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        await streams.Output.FlushAsync();
    }
}
