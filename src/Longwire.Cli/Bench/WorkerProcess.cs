using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>
/// A worker in a process of its own. The two speak in lines: <c>ready</c> or <c>failed CODE TEXT</c> when its connections are open or can't
/// be;
/// <c>begin TIME</c> and <c>stop</c> to it; <c>share JSON</c> when it has measured.
/// </summary>
internal sealed class WorkerProcess : IBenchWorker
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Starts this tool again.</summary>
    /// <param name="arguments">As this process was started with.</param>
    /// <param name="worker">Which one it is.</param>
    /// <param name="workers">Of how many.</param>
    public static WorkerProcess Start(IReadOnlyList<string> arguments, int worker, int workers)
    {
        string program = Environment.ProcessPath!;
        // As a tool it is a program of its own; else, and in tests, `dotnet` runs the assembly.
        bool isTool = Path.GetFileNameWithoutExtension(program) is "longwire" or "Longwire.Cli";
        string share = string.Create(CultureInfo.InvariantCulture, $"{worker}/{workers}");
        string[] full = [.. arguments, "--worker", share];
        ProcessStartInfo start = isTool
            ? new ProcessStartInfo(program, full)
            : new ProcessStartInfo("dotnet", [typeof(WorkerProcess).Assembly.Location, .. full]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        return new WorkerProcess(Process.Start(start)!);
    }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        string[] answer = (await ReadAsync(cancellationToken)).Split(' ', 3);
        if (answer[0] == "failed")
        {
            throw new BenchFault(
                JsonSerializer.Deserialize(answer[2], BenchJson.Default.String)!,
                int.Parse(answer[1], CultureInfo.InvariantCulture)
            );
        }
    }

    public async Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"begin {beginAt}"));
        await _process.StandardInput.FlushAsync(CancellationToken.None);
        await using CancellationTokenRegistration stop = interrupt.Register(() => _process.StandardInput.WriteLine("stop"));
        string answer = await ReadAsync(CancellationToken.None);
        return JsonSerializer.Deserialize(answer["share ".Length..], BenchJson.Default.BenchShare)!;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The end of its input ends it, wherever it is.
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new BenchFault("A worker process has ended unexpectedly.", ExitCode.NameOrTcp);
}
