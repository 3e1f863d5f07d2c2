using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>The tester: any server, every message in a table, and what may be wrong in the document's words.</summary>
public sealed class TesterPageTests(Playground playground)
{
    [Fact]
    public async Task Text_JSON_and_bytes_go_and_come_are_filtered_sent_again_and_saved()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/tester");
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("open");
        await SendAsync(page, "text", "grüße");
        await SendAsync(page, "json", """{ "a": [1, 2] }""");
        await SendAsync(page, "binary", "00 ff 7f");
        ILocator received = page.GetByTestId("received");
        await Assertions.Expect(received).ToHaveCountAsync(3);
        await Assertions.Expect(received.Nth(0)).ToContainTextAsync("text7");
        await Assertions.Expect(received.Nth(1)).ToContainTextAsync("""{"a":[1,2]}""");
        await Assertions.Expect(received.Nth(2)).ToContainTextAsync("00 ff 7f");
        await page.GetByTestId("again").First.ClickAsync();
        await Assertions.Expect(received).ToHaveCountAsync(4);
        await page.GetByTestId("filter").FillAsync("grüße");
        await Assertions.Expect(page.GetByTestId("rows").Locator("tr:visible")).ToHaveCountAsync(4);
        Task<IDownload> download = page.WaitForDownloadAsync();
        await page.GetByTestId("export").ClickAsync();
        await using Stream file = await (await download).CreateReadStreamAsync();
        JsonElement entry = (await JsonDocument.ParseAsync(file)).RootElement.GetProperty("log").GetProperty("entries")[0];
        JsonElement[] messages = [.. entry.GetProperty("_webSocketMessages").EnumerateArray()];
        Assert.Equal(8, messages.Length);
        Assert.Equal("grüße", messages[0].GetProperty("data").GetString());
        Assert.Contains(
            messages,
            static message => message.GetProperty("opcode").GetInt32() == 2 && message.GetProperty("data").GetString() == "AP9/"
        );
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_cannot_be_sent_says_why()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/tester");
        await SendAsync(page, "text", "x");
        await Assertions.Expect(page.GetByTestId("problem")).ToContainTextAsync("Not connected");
        await SendAsync(page, "json", "{");
        await Assertions.Expect(page.GetByTestId("problem")).ToContainTextAsync("JSON");
        await SendAsync(page, "binary", "0g");
        await Assertions.Expect(page.GetByTestId("problem")).ToContainTextAsync("hex");
        await page.GetByTestId("address").FillAsync("ws://[");
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("problem")).Not.ToBeEmptyAsync();
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Where_nobody_listens_and_where_a_message_is_too_large_the_document_s_words_are_said()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/tester");
        await page.GetByTestId("address").FillAsync(playground.Server["/no-such-endpoint"]);
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("diagnosis")).ToContainTextAsync("Connection fails immediately");
        await Assertions.Expect(page.GetByTestId("diagnosis")).ToContainTextAsync("CORS/Origin mismatch");
        await page.GetByTestId("address").FillAsync(playground.Server["/ws"]);
        await page.GetByTestId("connect").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("open");
        await page.EvaluateAsync("document.getElementById('message').value = 'x'.repeat(200_000)");
        await page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.GetByTestId("diagnosis")).ToContainTextAsync("Message too large");
    }

    private static async Task SendAsync(IPage page, string kind, string message)
    {
        await page.GetByTestId("kind").SelectOptionAsync(kind);
        await page.GetByTestId("message").FillAsync(message);
        await page.GetByTestId("send").ClickAsync();
    }
}
