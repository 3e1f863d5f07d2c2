using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>This process as a worker of another; see <see cref="WorkerLink"/> for what they say to each other.</summary>
internal static class BenchWorkerLoop
{
    private static readonly TimeSpan _progress = TimeSpan.FromMilliseconds(200);

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
            Task<BenchShare> measuring = run.MeasureAsync(ReadTime(begin["begin ".Length..]), stop.Token);
            while (await Task.WhenAny(measuring, Task.Delay(_progress)) != measuring)
            {
                await WriteAsync(streams, string.Create(CultureInfo.InvariantCulture, $"progress {run.Completed}"));
            }

            BenchShare share = await measuring;
            await WriteAsync(streams, "share " + JsonSerializer.Serialize(share, BenchJson.Default.BenchShare));
            return share.ExitCode;
        }
        catch (BenchFault fault)
        {
            await TellAsync(fault, streams);
            return fault.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Says why nothing can be measured.</summary>
    public static Task TellAsync(BenchFault fault, CommandStreams streams) =>
        WriteAsync(
            streams,
            string.Create(
                CultureInfo.InvariantCulture,
                $"failed {fault.ExitCode} {JsonSerializer.Serialize(fault.Message, BenchJson.Default.String)}"
            )
        );

    // With a plus it is counted from now: clocks of different machines have nothing in common.
    private static long ReadTime(string text)
    {
        long time = long.Parse(text, CultureInfo.InvariantCulture);
        return text.StartsWith('+') ? Stopwatch.GetTimestamp() + (long)(time / 1000.0 * Stopwatch.Frequency) : time;
    }

    private static async Task WriteAsync(CommandStreams streams, string line)
    {
        await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        await streams.Output.FlushAsync();
    }
}
