using System.Globalization;
using System.Text.RegularExpressions;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Interop.Tests;

/// <summary>The server under test: `longwire serve` in a process of its own, as a user starts it.</summary>
public sealed partial class LongwireServer : IAsyncLifetime
{
    private ChildProcess? _process;
    private string[] _options = [];

    public int Port { get; private set; }

    /// <summary>The address that the server printed, as in "http://localhost:8080".</summary>
    public string Http { get; private set; } = "";

    /// <summary>The address of a WebSocket endpoint.</summary>
    public string this[string path] => "ws" + Http["http".Length..] + path;

    internal ChildProcess Process => _process ?? throw new InvalidOperationException("The server isn't started.");

    /// <summary>Starts a server on a port that nobody uses now, so that it can be killed and come back on the same.</summary>
    /// <param name="options">Further arguments, behind <c>serve</c>.</param>
    public static async Task<LongwireServer> StartOnFreePortAsync(params string[] options)
    {
        var server = new LongwireServer { _options = options };
        await server.StartAsync(FreePort.Choose());
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await StartAsync(0);

    /// <summary>Starts the process; 0 lets it choose its port.</summary>
    public async Task StartAsync(int port)
    {
        Assert.True(File.Exists(Places.LongwireTool), $"{Places.LongwireTool} isn't built.");
        string[] arguments = [Places.LongwireTool, "serve", "--port", port.ToString(CultureInfo.InvariantCulture), .. _options];
        _process = ChildProcess.Start("dotnet", arguments);
        Task<Match> output = _process.Output.WaitForAsync(AddressLine(), patience: Patience.Long);
        Task<Match> errors = _process.Errors.WaitForAsync(AddressLine(), patience: Patience.Long);
        Match address = await await Task.WhenAny(output, errors);
        Http = address.Value;
        Port = int.Parse(address.Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Kills the process and starts another on the same port.</summary>
    public async Task RestartAsync()
    {
        await Process.KillAsync();
        await StartAsync(Port);
    }

    /// <summary>Asserts that the server is alive and has logged nothing at error level or above.</summary>
    public void AssertNothingWentWrong()
    {
        string[] lines = [.. Process.Output.Snapshot(), .. Process.Errors.Snapshot()];
        Assert.DoesNotContain(lines, line => ErrorLine().IsMatch(line));
        Assert.True(Directory.Exists($"/proc/{Process.Id}"), "The server has ended.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    [GeneratedRegex(@"http://[^\s:/]+:(?<port>\d+)")]
    private static partial Regex AddressLine();

    // The console logger's short names of the levels, its long ones, and what the runtime writes when it gives up.
    [GeneratedRegex(@"\b(fail|crit)\b:|\b(Error|Critical)\b:|Unhandled exception")]
    private static partial Regex ErrorLine();
}
