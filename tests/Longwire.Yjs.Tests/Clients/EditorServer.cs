using System.Globalization;
using System.Text.RegularExpressions;
using Longwire.Client;
using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>The sample editor in a process of its own, which can be killed and come back on the same documents.</summary>
internal sealed partial class EditorServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;

    private EditorServer() { }

    public int Port { get; private set; }

    public static async Task<EditorServer> StartAsync()
    {
        var server = new EditorServer();
        await server.StartProcessAsync();
        return server;
    }

    /// <summary>The address of a new document, as <c>/editor/name?key=…</c>.</summary>
    public async Task<string> NewDocumentAsync()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage answer = await http.GetAsync($"http://127.0.0.1:{Port}/new");
        return answer.Headers.Location!.OriginalString;
    }

    public Uri Address(string documentAndKey) => new($"ws://127.0.0.1:{Port}/yjs/{documentAndKey}");

    /// <summary>Connects to a document, by the part of its address that follows <c>/editor/</c>.</summary>
    public async Task<YjsPeer> ConnectAsync(string documentAndKey)
    {
        var peer = new YjsPeer();
        peer.Connection = await WebSocketClient.ConnectAsync(Address(documentAndKey), peer, YjsServer.ClientOptions);
        return peer;
    }

    /// <summary>Kills the process without a warning, and starts another on the same documents.</summary>
    public async Task KillAndStartAsync()
    {
        await _process!.KillAsync();
        await StartProcessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartProcessAsync()
    {
        Assert.True(File.Exists(Peers.SampleProgram), $"{Peers.SampleProgram} isn't built.");
        _process = ChildProcess.Start(
            "dotnet",
            Peers.SampleProgram,
            "--urls",
            "http://127.0.0.1:0",
            "--contentRoot",
            Peers.Sample(""),
            "--Documents",
            _folder.Path,
            // The address is logged by the host.
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime",
            "Information"
        );
        Match address = await _process.Output.WaitForAsync(AddressLine(), patience: Patience.Long);
        Port = int.Parse(address.Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex AddressLine();
}
