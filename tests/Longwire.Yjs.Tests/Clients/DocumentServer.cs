using System.Globalization;
using System.Text.RegularExpressions;
using Longwire.Client;
using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>A server of documents in a process of its own, which can be killed and come back on the same documents.</summary>
/// <param name="store"><c>file</c> or <c>sqlite</c>.</param>
internal sealed partial class DocumentServer(string store) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;
    private int _port;

    /// <summary>The folder of the documents.</summary>
    public string Documents => _folder.Path;

    /// <summary>The output of the process.</summary>
    public LineLog Output => _process!.Output;

    /// <summary>The most memory that the process has held.</summary>
    public long MostResidentBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process!.Id}/status")
                .First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    public long ResidentBytes => _process!.ResidentBytes;

    public async Task StartAsync(params string[] options)
    {
        Assert.True(File.Exists(Peers.DocumentServer), $"{Peers.DocumentServer} isn't built.");
        string documents = store == "sqlite" ? _folder["documents.db"] : _folder.Path;
        _process = ChildProcess.Start("dotnet", [Peers.DocumentServer, store, documents, .. options]);
        Match port = await _process.Output.WaitForAsync(Listening(), patience: Patience.Long);
        _port = int.Parse(port.Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    public Uri Address(string document) => new($"ws://127.0.0.1:{_port}/yjs/{document}");

    public async Task<YjsPeer> ConnectAsync(string document)
    {
        var peer = new YjsPeer();
        peer.Connection = await WebSocketClient.ConnectAsync(Address(document), peer, YjsServer.ClientOptions);
        return peer;
    }

    /// <summary>A client that has what the document is.</summary>
    public async Task<YjsPeer> JoinAsync(string document)
    {
        YjsPeer peer = await ConnectAsync(document);
        peer.Ask();
        await peer.SyncedAsync();
        return peer;
    }

    /// <summary>How many answers to joining clients the process has encoded, and how many bytes it has allocated.</summary>
    public async Task<(long Answers, long AllocatedBytes)> CostAsync()
    {
        using var http = new HttpClient();
        string[] numbers = (await http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/cost"))).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends the process without a warning.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Waits until the process has ended by itself.</summary>
    public Task EndedAsync() => _process!.WaitForExitAsync(Patience.Long);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    [GeneratedRegex(@"^listening (?<port>\d+)$")]
    private static partial Regex Listening();
}
