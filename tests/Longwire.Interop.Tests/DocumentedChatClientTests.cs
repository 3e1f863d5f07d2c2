using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>The client that the document prints under "Chat Application", unchanged, against the hub.</summary>
public sealed class DocumentedChatClientTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    /// <summary>
    /// The last printed line joins a room before the connection is open, which throws in a browser as it does here. The page lives on
    /// then, as in a browser: the client connects and authenticates, and joins when it is told to again.
    /// </summary>
    [Fact]
    public async Task Two_people_authenticate_join_talk_and_see_each_other_come_and_go()
    {
        await using Page ada = await OpenAsync("ada");
        await ada.RunAsync("chat.joinRoom('general')");
        await using Page bob = await OpenAsync("bob");
        await bob.RunAsync("chat.joinRoom('general')");
        await ada.WaitForReportAsync("log", "bob joined");

        await bob.RunAsync("chat.sendMessage('general', 'Hello from Bob')");
        await ada.RunAsync("chat.sendMessage('general', 'Hello from Ada')");
        foreach (Page page in (Page[])[ada, bob])
        {
            string shown = await WaitForMessagesAsync(page, 2);
            Assert.Contains("""<span class="username">bob:</span>""", shown, StringComparison.Ordinal);
            Assert.Contains("""<span class="content">Hello from Bob</span>""", shown, StringComparison.Ordinal);
            Assert.Contains("""<span class="username">ada:</span>""", shown, StringComparison.Ordinal);
            Assert.Contains("""<span class="content">Hello from Ada</span>""", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("Invalid Date", shown, StringComparison.Ordinal);
        }

        await bob.RunAsync("chat.socket.close(1000)");
        await ada.WaitForReportAsync("log", "bob left");
        server.AssertNothingWentWrong();
    }

    private async Task<Page> OpenAsync(string username)
    {
        var page = new Page();
        await page.RunAsync($"hosts.set('ws://localhost:8080', '{server["/"]}')");
        await page.RunAsync($"localStorage.setItem('token', 'valid-token'); localStorage.setItem('username', '{username}')");
        (_, string? error) = await page.TryRunAsync(DocumentCode.BlockWith("websocket.md", "class ChatClient {"));
        Assert.Contains("CONNECTING", error, StringComparison.Ordinal);
        JsonElement success = await page.WaitForReportAsync("received", "auth-success");
        Assert.Equal(username, success.GetProperty("username").GetString());
        return page;
    }

    // The markup of the messages that the client has put into the page.
    private static async Task<string> WaitForMessagesAsync(Page page, int count)
    {
        int mark = 0;
        for (int seen = 0; seen < count; seen++)
        {
            await page.WaitForReportAsync("received", "\"type\":\"message\"", mark);
            mark = page.Mark();
            JsonElement shown = await page.RunAsync("document.getElementById('messages').children.map((child) => child.innerHTML)");
            if (shown.GetArrayLength() == count)
            {
                return string.Join('\n', shown.EnumerateArray().Select(child => child.GetString()));
            }
        }

        throw new InvalidOperationException("The client has shown fewer messages than it got.");
    }
}
