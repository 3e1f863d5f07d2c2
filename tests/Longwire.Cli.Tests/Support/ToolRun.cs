using System.Text;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Tests;

/// <summary>The tool, run inside of the test's process.</summary>
internal sealed partial class ToolRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _interrupt = new();

    private ToolRun(string[] arguments, string input, bool typed, Stream? output) =>
        ExitCode = CommandLine.RunAsync(
            arguments,
            new CommandStreams
            {
                Input = new MemoryStream(Encoding.UTF8.GetBytes(input)),
                Output = new OutputStream(output ?? Output),
                Error = Error.CreateWriter(),
                IsInputTerminal = typed,
            },
            _interrupt.Token
        );

    public OutputLog Output { get; } = new();

    public OutputLog Error { get; } = new();

    public Task<int> ExitCode { get; }

    /// <summary>The address that `serve` announced.</summary>
    public Uri Http { get; private set; } = new("http://localhost");

    public static ToolRun Start(params string[] arguments) => new(arguments, "", typed: false, output: null);

    public static ToolRun StartWithInput(string input, params string[] arguments) => new(arguments, input, typed: false, output: null);

    public static ToolRun StartWithOutput(Stream output, params string[] arguments) => new(arguments, "", typed: false, output);

    public static async Task<ToolRun> ServeAsync(params string[] arguments)
    {
        ToolRun run = Start(["serve", "--port", "0", .. arguments]);
        Task announced = run.Output.WaitForAsync("Ctrl-C");
        if (await Task.WhenAny(announced, run.ExitCode) == run.ExitCode)
        {
            Assert.Fail($"serve ended with {await run.ExitCode}: {run.Error.Text}");
        }

        await announced;
        run.Http = new Uri(Address().Match(run.Output.Text).Value);
        return run;
    }

    /// <summary>The address of a WebSocket endpoint.</summary>
    public Uri Socket(string path) => new((Http.Scheme == "https" ? "wss" : "ws") + "://" + Http.Authority + path);

    /// <summary>Runs to the end.</summary>
    public async Task<int> EndAsync() => await ExitCode.WaitAsync(Patience.Long);

    public async Task<int> InterruptAsync()
    {
        await _interrupt.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        _interrupt.Dispose();
    }

    [GeneratedRegex(@"https?://[^\s/]+")]
    private static partial Regex Address();
}
