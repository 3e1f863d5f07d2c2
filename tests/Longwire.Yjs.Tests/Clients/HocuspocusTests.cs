using System.Text.RegularExpressions;
using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

public sealed partial class HocuspocusTests
{
    [Fact]
    public async Task A_provider_with_a_framing_of_its_own_is_told_so_and_does_not_come_again()
    {
        await using YjsServer server = await YjsServer.StartAsync(ServerTransport.Kestrel);
        await using ChildProcess node = ChildProcess.Start("node", Peers.Script("hocuspocus.js"), server.Url("doc"));
        Match closed = await node.Output.WaitForAsync(ClosedLine(), patience: Patience.Long);
        Assert.Equal("4400", closed.Groups["code"].Value);
        Assert.StartsWith("No message of y-websocket", closed.Groups["reason"].Value, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"closed (?<code>\d+) (?<reason>.*)")]
    private static partial Regex ClosedLine();
}
