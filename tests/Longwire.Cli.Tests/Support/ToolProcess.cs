using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Longwire.Cli.Tests;

/// <summary>The tool in a process of its own, as a user starts it.</summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _copying;

    private ToolProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _copying = Task.WhenAll(
            _process.StandardOutput.BaseStream.CopyToAsync(Output),
            _process.StandardError.BaseStream.CopyToAsync(Error)
        );
    }

    public static string Tool { get; } =
        typeof(ToolProcess)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static data => data.Key == "LongwireTool")
            .Value!;

    /// <summary>The script of wscat.</summary>
    public static string Wscat { get; } =
        typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Wscat").Value!;

    public OutputLog Output { get; } = new();

    public OutputLog Error { get; } = new();

    public StreamWriter Input => _process.StandardInput;

    public static ToolProcess Start(params string[] arguments) => StartWith([], Environment.CurrentDirectory, arguments);

    /// <summary>Starts the tool with further environment variables and in another directory.</summary>
    public static ToolProcess StartWith(Dictionary<string, string> environment, string directory, params string[] arguments)
    {
        // Through env, because a test run in the background of a shell ignores SIGINT, and so would its children.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Tool, .. arguments]) { WorkingDirectory = directory };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ToolProcess(start);
    }

    /// <summary>Starts any program.</summary>
    public static ToolProcess StartProgram(string program, params string[] arguments) => new(new ProcessStartInfo(program, arguments));

    /// <summary>Runs a line of bash in which $LONGWIRE stands for the tool.</summary>
    public static ToolProcess StartShell(string script, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("bash", ["-c", script.Replace("$LONGWIRE", $"dotnet '{Tool}'", StringComparison.Ordinal)]);
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return new ToolProcess(start);
    }

    /// <summary>Starts a program with the tool at the end of a terminal.</summary>
    public static ToolProcess StartInTerminal(params string[] arguments)
    {
        string command = $"stty cols 80; exec dotnet '{Tool}' {string.Join(' ', arguments.Select(static argument => $"'{argument}'"))}";
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"]);
        start.Environment["TERM"] = "xterm";
        return new ToolProcess(start);
    }

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> EndAsync(TimeSpan? patience = null)
    {
        await _process.WaitForExitAsync().WaitAsync(patience ?? Patience.Long);
        await _copying.WaitAsync(Patience.Long);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await EndAsync();
        }

        _process.Dispose();
    }
}
