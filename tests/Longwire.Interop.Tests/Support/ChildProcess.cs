using System.Diagnostics;
using System.Globalization;

namespace Longwire.Interop.Tests;

/// <summary>A process that a test starts, whose lines it reads, and that doesn't outlive the test.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _pumps;

    private ChildProcess(Process process)
    {
        _process = process;
        _pumps = Task.WhenAll(PumpAsync(process.StandardOutput, Output), PumpAsync(process.StandardError, Errors));
    }

    public LineLog Output { get; } = new();

    public LineLog Errors { get; } = new();

    public int Id => _process.Id;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>The process's resident memory now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    public static ChildProcess Start(string file, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>
    /// Runs a program to its end. Its standard output is the result; anything but success fails the test with what it said.
    /// </summary>
    public static async Task<string> RunAsync(string file, params IEnumerable<string> arguments)
    {
        await using ChildProcess process = Start(file, arguments);
        // Compilers and package managers say nothing while they work, however long that is on a busy machine.
        int exitCode = await process.WaitForExitAsync(Patience.Programs);
        Assert.True(exitCode == 0, $"{Path.GetFileName(file)} {string.Join(' ', arguments)} ended with {exitCode}:\n{process.Errors}");
        return process.Output.ToString();
    }

    public async Task<int> WaitForExitAsync(TimeSpan patience)
    {
        await _process.WaitForExitAsync().WaitAsync(patience);
        await _pumps;
        return _process.ExitCode;
    }

    /// <summary>Waits for the end of a process that says something now and then. False when it says nothing for so long.</summary>
    public async Task<bool> WaitWhileItSpeaksAsync(TimeSpan silence)
    {
        Task exit = _process.WaitForExitAsync();
        for (int said = -1; said != Output.Count; )
        {
            said = Output.Count;
            if (await Task.WhenAny(exit, Task.Delay(silence)) == exit)
            {
                await _pumps;
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends the process at once, as a crash or a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await WaitForExitAsync(Patience.Short);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static async Task PumpAsync(StreamReader reader, LineLog log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            log.Add(line);
        }

        log.End();
    }
}
