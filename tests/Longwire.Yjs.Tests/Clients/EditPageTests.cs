using System.Text.RegularExpressions;
using Longwire.Client;

namespace Longwire.Yjs.Tests;

/// <summary>The simple editor of the sample: the document's own printed client, on a page of its own with its server.</summary>
public sealed partial class EditPageTests
{
    [Fact]
    public void The_page_has_the_printed_client_as_it_is_printed()
    {
        string document = File.ReadAllText(Peers.Repository("tests/Longwire.Interop.Tests/documents/websocket.md"));
        string printed = PrintedClient().Match(document).Groups["code"].Value;
        Assert.Contains("applyRemoteEdit(data.operation)", printed, StringComparison.Ordinal);
        Assert.Contains(printed, File.ReadAllText(Peers.Sample("wwwroot/edit.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_on_one_page_comes_to_the_other_and_to_whoever_opens_it_later()
    {
        const string Type = """
            const type = text => {
              const editor = document.getElementById('editor')
              const at = editor.value.length
              editor.value += text
              editor.setSelectionRange(at + text.length, at + text.length)
              editor.dispatchEvent(new InputEvent('input', { data: text, inputType: 'insertText' }))
            }

            """;
        const string Read = "return document.getElementById('editor').value";
        await using EditorServer server = await EditorServer.StartAsync();
        await using Stage stage = await Stage.StartAsync(server);
        await using var chromium = new Browser("chromium", $"{stage.Address}/edit.html?document=d&user=ann&client=ann");
        await using var firefox = new Browser("firefox", $"{stage.Address}/edit.html?document=d&user=bob&client=bob");
        Performer ann = stage.PerformerFor("ann");
        Performer bob = stage.PerformerFor("bob");
        await ann.UntilAsync("return socket.readyState", "1");
        await bob.UntilAsync("return socket.readyState", "1");
        await ann.RunAsync(Type + "type('hello')");
        await bob.UntilAsync(Read, "\"hello\"");
        await bob.RunAsync(Type + "type(' world')");
        await ann.UntilAsync(Read, "\"hello world\"");
        WebSocketConnection late = await ConnectAsync(server);
        Assert.Equal("""{"type":"document","text":"hello world"}""", (await late.ReadAsync()).Text);
        await late.CloseAsync();
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("""{"type":"edit"}""")]
    [InlineData("""{"type":"edit","documentId":"d","operation":{"type":"insert","position":-1,"text":"x"}}""")]
    [InlineData("""{"type":"edit","documentId":"d","operation":{"type":"insert","position":99,"text":"x"}}""")]
    [InlineData("""{"type":"edit","documentId":"other","operation":{"type":"insert","position":1,"text":"x"}}""")]
    [InlineData("""{"type":"edit","documentId":"d","operation":{"type":"insert","position":1,"text":null}}""")]
    public async Task What_is_no_edit_is_answered_with_an_error(string message)
    {
        await using EditorServer server = await EditorServer.StartAsync();
        WebSocketConnection client = await ConnectAsync(server);
        Assert.Equal("""{"type":"document","text":""}""", (await client.ReadAsync()).Text);
        await client.SendTextAsync(message);
        Assert.StartsWith("""{"type":"error",""", (await client.ReadAsync()).Text, StringComparison.Ordinal);
        await client.CloseAsync();
    }

    private static Task<WebSocketConnection> ConnectAsync(EditorServer server) =>
        WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/edit/d?user=late"));

    [GeneratedRegex(@"(?<code>// Client: Send and receive edits\n.*?)```", RegexOptions.Singleline)]
    private static partial Regex PrintedClient();
}
