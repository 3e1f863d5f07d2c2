using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>One run of <c>longwire bench</c>: has one or several processes measure at the same time, adds up and tells.</summary>
internal sealed class BenchCoordinator(BenchOptions options, IReadOnlyList<string> arguments, CommandStreams streams)
{
    // Beside the connections: the runtime's files, its loops, the assemblies.
    private const int OtherDescriptors = 300;

    // From here on several processes begin in the same moment.
    private static readonly TimeSpan _lead = TimeSpan.FromMilliseconds(50);

    /// <summary>How many processes the connections take.</summary>
    public static int WorkersFor(int connections, int descriptors) =>
        Math.Max(1, (connections + Math.Max(1, descriptors - OtherDescriptors) - 1) / Math.Max(1, descriptors - OtherDescriptors));

    public async Task<int> RunAsync(CancellationToken interrupt)
    {
        int count =
            options.Agents.Count > 0 ? options.Agents.Count
            : options.Workers > 0 ? options.Workers
            : options.Mode == BenchMode.Storm ? 1
            : WorkersFor(options.Connections, DescriptorLimit());
        count = Math.Min(count, options.Connections);
        if (streams.CanEdit)
        {
            await streams.Error.WriteLineAsync($"Opening {options.Connections:N0} connections to {options.Address.Authority}…");
        }

        var workers = new List<IBenchWorker>();
        try
        {
            long before = ServerProcess.ReadResidentBytes(options.ServerProcess);
            for (int worker = 0; worker < count; worker++)
            {
                workers.Add(
                    options.Agents.Count > 0 ? new RemoteWorker(options.Agents[worker], options.Secret, arguments, worker, count)
                    : count == 1 ? BenchRun.Create(options)
                    : WorkerProcess.Start(arguments, worker, count)
                );
            }

            await OpenAsync(workers, interrupt);
            double? bytes = MemoryPerConnection(before);
            long beginAt = Stopwatch.GetTimestamp() + (count == 1 ? 0 : (long)(_lead.TotalSeconds * Stopwatch.Frequency));
            Task<BenchShare[]> measuring = Task.WhenAll(workers.Select(worker => worker.MeasureAsync(beginAt, interrupt)));
            bool isWatched = streams is { IsErrorTerminal: true } && OperatingSystem.IsLinux();
            var progress = new BenchProgress(workers, options, isWatched ? streams.Error : null, static () => Terminal.RawTerminal.Columns);
            Task watching = progress.WatchAsync(measuring);
            double? bytesAtEnd = await MemoryAtEndAsync(before, measuring, interrupt);
            await watching;
            BenchResult result = BenchResult.From(options, BenchShare.Merge(await measuring), count, bytes, bytesAtEnd) with
            {
                Course = progress.Course,
            };
            return await TellAsync(result, BenchShare.Merge(await measuring));
        }
        catch (BenchFault fault)
        {
            await streams.Error.WriteLineAsync(fault.Message);
            return fault.ExitCode;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            await Task.WhenAll(workers.Select(static worker => worker.DisposeAsync().AsTask()));
        }
    }

    private static async Task OpenAsync(List<IBenchWorker> workers, CancellationToken interrupt)
    {
        // One that fails is the end of all.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        Task[] opening = [.. workers.Select(worker => worker.OpenAsync(end.Token))];
        await foreach (Task opened in Task.WhenEach(opening))
        {
            if (opened.IsFaulted)
            {
                await end.CancelAsync();
            }
        }

        Task? failed = Array.Find(opening, static task => task.IsFaulted);
        await (failed ?? Task.WhenAll(opening));
    }

    private static int DescriptorLimit()
    {
        // "Max open files    soft    hard    files"
        string? line = File.ReadLines("/proc/self/limits")
            .FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string? soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }

    private double? MemoryPerConnection(long before) =>
        options.ServerProcess == 0 || options.Mode != BenchMode.Idle
            ? null
            : (ServerProcess.ReadResidentBytes(options.ServerProcess) - before) / (double)options.Connections;

    // Just before the connections are closed.
    private async Task<double?> MemoryAtEndAsync(long before, Task measuring, CancellationToken interrupt)
    {
        if (options.Mode != BenchMode.Idle)
        {
            return null;
        }

        TimeSpan hold = options.WarmUp + options.Duration - TimeSpan.FromMilliseconds(100);
        await Task.WhenAny(measuring, Task.Delay(hold > TimeSpan.Zero ? hold : TimeSpan.Zero, interrupt));
        return MemoryPerConnection(before);
    }

    private async Task<int> TellAsync(BenchResult result, BenchShare share)
    {
        if (options.HtmlFile is { } file)
        {
            await File.WriteAllTextAsync(file, BenchHtml.Write(result));
        }

        string text = options.Output switch
        {
            BenchOutput.Json => JsonSerializer.Serialize(
                result,
                new BenchJson(new JsonSerializerOptions(BenchJson.Default.Options) { WriteIndented = true }).BenchResult
            ) + "\n",
            BenchOutput.Jsonl => JsonSerializer.Serialize(result, BenchJson.Default.BenchResult) + "\n",
            _ => BenchTable.Write(options, result),
        };
        await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(text));
        await streams.Output.FlushAsync();
        if (options.Output != BenchOutput.Table && result.GeneratorIsBottleneck)
        {
            await streams.Error.WriteLineAsync("The client was the bottleneck: compare per server CPU second.");
        }

        if (share.Failure is { } failure)
        {
            await streams.Error.WriteLineAsync(failure);
            return share.ExitCode;
        }

        bool holds = true;
        foreach (Assertion assertion in options.Assertions.Where(assertion => !assertion.Holds(result)))
        {
            holds = false;
            await streams.Error.WriteLineAsync(
                $"The assertion {assertion.Text} does not hold: {assertion.Metric} is {assertion.Show(result)}."
            );
        }

        return share.IsInterrupted ? ExitCode.Interrupted
            : holds ? ExitCode.Done
            : ExitCode.AssertionFailed;
    }
}
