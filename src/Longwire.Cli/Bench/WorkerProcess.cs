using System.Diagnostics;
using System.Globalization;

namespace Longwire.Cli.Bench;

/// <summary>A worker in a process of its own; see <see cref="WorkerLink"/> for what they say to each other.</summary>
internal sealed class WorkerProcess : IBenchWorker
{
    private readonly Process _process;
    private readonly WorkerLink _link;

    private WorkerProcess(Process process)
    {
        _process = process;
        _link = new WorkerLink(process.StandardOutput, process.StandardInput);
    }

    public long Completed => _link.Completed;

    /// <summary>Starts this tool again.</summary>
    /// <param name="arguments">As this process was started with.</param>
    /// <param name="worker">Which one it is.</param>
    /// <param name="workers">Of how many.</param>
    public static WorkerProcess Start(IReadOnlyList<string> arguments, int worker, int workers)
    {
        string program = Environment.ProcessPath!;
        string assembly = Path.Combine(AppContext.BaseDirectory, "Longwire.Cli.dll");
        // As a tool it is a program of its own, and where all of it is one file by whatever name; else `dotnet` runs the assembly.
        bool isTool = Path.GetFileNameWithoutExtension(program) is "longwire" or "Longwire.Cli" || !File.Exists(assembly);
        string share = string.Create(CultureInfo.InvariantCulture, $"{worker}/{workers}");
        string[] full = [.. arguments, "--worker", share];
        ProcessStartInfo start = isTool ? new ProcessStartInfo(program, full) : new ProcessStartInfo("dotnet", [assembly, .. full]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        return new WorkerProcess(Process.Start(start)!);
    }

    public Task OpenAsync(CancellationToken cancellationToken) => _link.OpenAsync(cancellationToken);

    public Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt) =>
        _link.MeasureAsync(beginAt.ToString(CultureInfo.InvariantCulture), interrupt);

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
}
