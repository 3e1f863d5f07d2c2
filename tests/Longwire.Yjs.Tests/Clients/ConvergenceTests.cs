using System.Globalization;
using System.Text.Json;
using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>
/// Unmodified clients (yjs, y-websocket, y-codemirror.next) in Chromium, Firefox and Node, on the sample editor's server.
/// </summary>
public sealed class ConvergenceTests
{
    private const int Rounds = 4;
    private const int EditsARound = 60;

    [Fact]
    public async Task Edits_of_three_clients_at_once_converge_through_cuts_and_kills_of_the_server()
    {
        await using EditorServer server = await EditorServer.StartAsync();
        await using Stage stage = await Stage.StartAsync(server);
        string address = await server.NewDocumentAsync();
        string[] parts = address["/editor/".Length..].Split("?key=");
        await using var chromium = new Browser("chromium", $"{stage.Address}{address}&client=chromium");
        await using var firefox = new Browser("firefox", $"{stage.Address}{address}&client=firefox");
        await using ChildProcess node = ChildProcess.Start(
            "node",
            Peers.Script("performer-in-node.js"),
            stage.Address,
            "node",
            parts[0],
            parts[1]
        );
        Performer[] clients = [stage.PerformerFor("chromium"), stage.PerformerFor("firefox"), stage.PerformerFor("node")];
        int seed = Random.Shared.Next();
        for (int round = 0; round < Rounds; round++)
        {
            Task[] writing =
            [
                .. clients.Select((client, i) => client.RunAsync($"await write(editor, {seed + (10 * round) + i}, {EditsARound})")),
            ];
            switch (round)
            {
                case 1:
                    stage.Cut();
                    break;
                case 2:
                    await server.KillAndStartAsync();
                    break;
                case 3:
                    stage.Cut();
                    await server.KillAndStartAsync();
                    stage.Cut();
                    break;
            }

            await Task.WhenAll(writing);
        }

        string text = await SameTextAsync(clients, seed);
        Assert.NotEqual("", text);
        // And whoever comes after all others have left, to a server that was started again, reads the same.
        await server.KillAndStartAsync();
        await using YjsPeer late = await server.ConnectAsync(address["/editor/".Length..]);
        late.Ask();
        await late.SyncedAsync();
        using var oracle = new Oracle();
        byte[] state = Convert.FromBase64String(
            (await clients[2].RunAsync("return Buffer.from(editor.Y.encodeStateAsUpdate(editor.doc)).toString('base64')")).GetString()!
        );
        Assert.Equal("", oracle.Compare(state, late.State, []));
    }

    [Fact]
    public async Task A_page_shows_who_is_here_goes_offline_and_comes_back_and_a_read_only_link_reads()
    {
        await using EditorServer server = await EditorServer.StartAsync();
        await using Stage stage = await Stage.StartAsync(server);
        string address = await server.NewDocumentAsync();
        string[] parts = address["/editor/".Length..].Split("?key=");
        await using var chromium = new Browser("chromium", $"{stage.Address}{address}&client=page");
        await using var reader = new Browser("chromium", $"{stage.Address}/editor/{parts[0]}?client=reader");
        await using ChildProcess node = ChildProcess.Start(
            "node",
            Peers.Script("performer-in-node.js"),
            stage.Address,
            "node",
            parts[0],
            parts[1]
        );
        Performer page = stage.PerformerFor("page");
        Performer reading = stage.PerformerFor("reader");
        Performer other = stage.PerformerFor("node");
        await other.RunAsync("editor.provider.awareness.setLocalStateField('user', { name: 'Ann', color: '#123456' })");
        await page.UntilAsync("return [...document.querySelectorAll('#people li')].some(li => li.textContent === 'Ann')", "true");
        await other.RunAsync("editor.text.insert(0, 'hello')");
        await page.UntilAsync("return editor.view.state.doc.toString()", "\"hello\"");
        await page.UntilAsync("return document.getElementById('connection').textContent", "\"Online\"");
        await page.RunAsync("document.getElementById('connection').click()");
        await page.UntilAsync("return document.getElementById('connection').textContent", "\"Offline\"");
        await page.RunAsync("editor.view.dispatch({ changes: { from: 5, insert: ' from the page' } })");
        await other.RunAsync("editor.text.insert(0, 'and ')");
        await page.RunAsync("document.getElementById('connection').click()");
        await other.UntilAsync("return editor.text.toString()", "\"and hello from the page\"");
        await reading.UntilAsync("return editor.view.state.doc.toString()", "\"and hello from the page\"");
        // A reader's edits to its own copy, against its page's will, stay there.
        await reading.RunAsync("editor.text.insert(0, 'graffiti ')");
        await other.RunAsync("editor.text.insert(0, 'once more ')");
        await page.UntilAsync("return editor.text.toString()", "\"once more and hello from the page\"");
    }

    private static async Task<string> SameTextAsync(Performer[] clients, int seed)
    {
        string[] texts = [];
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < Patience.Long.TotalMilliseconds; )
        {
            JsonElement[] found = await Task.WhenAll(
                clients.Select(client => client.RunAsync("return editor.provider.synced + ' ' + editor.text.toString()"))
            );
            texts = [.. found.Select(text => text.GetString()!)];
            if (texts.Distinct().Count() == 1 && texts[0].StartsWith("true ", StringComparison.Ordinal))
            {
                return texts[0]["true ".Length..];
            }

            await Task.Delay(50);
        }

        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: the texts differ.\n{string.Join("\n---\n", texts)}"));
        return "";
    }
}
