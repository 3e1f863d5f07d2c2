using System.Globalization;
using System.Text.RegularExpressions;
using Longwire.Conformance;

namespace Longwire.Interop.Tests.Endings;

/// <summary>npm `ws` as a server, in a process of its own, that does what the rows' applications do.</summary>
internal sealed class WsSubject : EndingSubject
{
    private readonly ChildProcess _process;
    private readonly RawPeerOfServer _peers;
    private int _lines;

    private WsSubject(ChildProcess process, int port)
    {
        _process = process;
        _peers = new RawPeerOfServer(new Uri($"http://127.0.0.1:{port}"), tls: false, http2: false);
    }

    protected override bool IsServer => true;

    public static async Task<EndingSubject> StartAsync()
    {
        ChildProcess process = ChildProcess.Start(Places.Node, Places.Peer("ws-endings.js"));
        string port = (await process.Output.WaitForAsync(new("^listening (?<port>[0-9]+)$"))).Groups["port"].Value;
        return new WsSubject(process, int.Parse(port, CultureInfo.InvariantCulture)) { _lines = 1 };
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();

    protected override async Task<Peer> OpenAsync(string application)
    {
        Peer peer = await _peers.OpenAsync("/" + application);
        _ = ReportAsync(_lines++);
        return peer;
    }

    private async Task ReportAsync(int line)
    {
        var pattern = new Regex("^closed (?<read>[0-9]+) (?<code>[0-9]+)$");
        Match match = await _process.Output.WaitForAsync(pattern, line, Patience.Long);
        Report(int.Parse(match.Groups["read"].Value, CultureInfo.InvariantCulture), match.Groups["code"].Value);
    }
}
