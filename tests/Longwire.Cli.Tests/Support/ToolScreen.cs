using System.Diagnostics;

namespace Longwire.Cli.Tests;

/// <summary>The tool in a terminal of 80 by 24 that tmux plays: keys are typed, the screen is read.</summary>
internal sealed class ToolScreen : IAsyncDisposable
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(30);

    private readonly string _server = $"longwire-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("longwire-screen-");

    private ToolScreen() { }

    /// <summary>The file of the lines typed before.</summary>
    public string History => Path.Combine(_directory.FullName, "history");

    public static async Task<ToolScreen> StartAsync(string arguments, string environment = "", string? history = null)
    {
        var screen = new ToolScreen();
        if (history is not null)
        {
            await File.WriteAllTextAsync(screen.History, history);
        }

        string command =
            $"LONGWIRE_HISTORY='{screen.History}' {environment} dotnet '{ToolProcess.Tool}' {arguments}; echo \"ended with $?\"; exec cat";
        await screen.OpenAsync($"env -u NO_COLOR bash -c {Quoted(command)}");
        return screen;
    }

    /// <summary>A shell that waits for commands; without anybody's start-up files or history.</summary>
    public static async Task<ToolScreen> StartShellAsync(string shell)
    {
        var screen = new ToolScreen();
        string home = screen._directory.FullName;
        await screen.OpenAsync($"cd {home} && env -u ENV HOME={home} LONGWIRE_HISTORY={screen.History} PS1='$ ' {shell}");
        return screen;
    }

    /// <summary>Types text as it is.</summary>
    public Task TypeAsync(string text) => RunAsync("send-keys", "-l", text);

    /// <summary>Types a line.</summary>
    public async Task EnterAsync(string line)
    {
        await TypeAsync(line);
        await PressAsync("Enter");
    }

    /// <summary>Presses keys by tmux's names: Enter, Left, C-r.</summary>
    public Task PressAsync(params string[] keys) => RunAsync(["send-keys", .. keys]);

    /// <summary>Pastes, as a terminal does it that tells pasted text from typed.</summary>
    public async Task PasteAsync(string text)
    {
        string file = Path.Combine(_directory.FullName, "paste");
        await File.WriteAllTextAsync(file, text);
        await RunAsync("load-buffer", file);
        await RunAsync("paste-buffer", "-p");
    }

    public Task ResizeAsync(int columns) =>
        RunAsync("resize-window", "-x", columns.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The screen, with the row and column of the cursor as tmux counts them.</summary>
    public async Task<string> ReadAsync(bool colors = false) =>
        await RunAsync(["capture-pane", "-p", .. colors ? ["-e"] : Array.Empty<string>()]);

    public async Task<int> CursorColumnAsync() =>
        int.Parse(await RunAsync("display-message", "-p", "#{cursor_x}"), System.Globalization.CultureInfo.InvariantCulture);

    public Task<string> WaitForAsync(string text, bool colors = false) =>
        WaitForAsync($"'{text}'", screen => screen.Contains(text, StringComparison.Ordinal), colors);

    /// <summary>Waits until the shell waits for a command.</summary>
    public Task WaitForPromptAsync() =>
        WaitForAsync("a prompt", static screen => screen.TrimEnd().EndsWith("\n$", StringComparison.Ordinal));

    public async Task WaitForCursorAsync(int column)
    {
        long start = Environment.TickCount64;
        while (await CursorColumnAsync() is var at && at != column)
        {
            Assert.True(
                Environment.TickCount64 - start < Patience.Long.TotalMilliseconds,
                $"The cursor is at {at}, not {column}:\n{await ReadAsync()}"
            );
            await Task.Delay(_poll);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill-server");
        _directory.Delete(recursive: true);
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private async Task<string> WaitForAsync(string what, Predicate<string> isThere, bool colors = false)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            string screen = await ReadAsync(colors);
            if (isThere(screen))
            {
                return screen;
            }

            Assert.True(Environment.TickCount64 - start < Patience.Long.TotalMilliseconds, $"Waited in vain for {what} in:\n{screen}");
            await Task.Delay(_poll);
        }
    }

    // UTF-8 whatever the machine is set to.
    private Task OpenAsync(string command) => RunAsync("-u", "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-L", _server, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process tmux = Process.Start(start)!;
        Task<string> error = tmux.StandardError.ReadToEndAsync();
        string output = await tmux.StandardOutput.ReadToEndAsync().WaitAsync(Patience.Long);
        await tmux.WaitForExitAsync().WaitAsync(Patience.Long);
        Assert.True(tmux.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {await error}");
        return output;
    }
}
