using System.Net;

namespace Longwire.Cli.Tests;

public sealed class BroadcastTests
{
    [Fact]
    public async Task Each_message_reaches_everybody_who_is_there_in_the_same_order_and_nobody_who_has_gone()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        WebSocketConnection gone = await WebSocketClient.ConnectAsync(server.Socket("/broadcast"));
        await gone.SendTextAsync("first");
        Assert.Equal("first", (await gone.ReadAsync()).Text);
        await gone.CloseAsync();

        WebSocketConnection[] members = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => WebSocketClient.ConnectAsync(server.Socket("/broadcast")))
        );
        // A client that has its own message back has been let in, and from then on gets those of the others.
        foreach (WebSocketConnection member in members)
        {
            await member.SendTextAsync("in");
            Assert.Equal("in", (await member.ReadAsync()).Text);
        }

        string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"message {i}")];
        foreach (string text in texts)
        {
            await members[0].SendTextAsync(text);
        }

        foreach (WebSocketConnection member in members)
        {
            var read = new List<string>();
            while (read.Count < texts.Length)
            {
                string text = (await member.ReadAsync()).Text;
                if (text != "in")
                {
                    read.Add(text);
                }
            }

            Assert.Equal(texts, read);
            await member.CloseAsync();
        }
    }

    [Fact]
    public async Task It_is_not_there_where_others_than_this_machine_s_may_connect()
    {
        await using ToolRun server = await ToolRun.ServeAsync("--jwt-key", "0123456789abcdef0123456789abcdef");
        WebSocketHandshakeException refused = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Http.Port}/broadcast"))
        );
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }
}
