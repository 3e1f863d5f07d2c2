using System.Text.RegularExpressions;

namespace Longwire.Playground.Tests;

/// <summary>How a visitor brings each page to what it is for.</summary>
internal static partial class PageVisits
{
    /// <summary>By the page's path.</summary>
    public static Dictionary<string, Func<IPage, Task>> All { get; } =
        new()
        {
            ["/"] = static _ => Task.CompletedTask,
            ["/chat"] = static async page =>
            {
                await page.GetByTestId("name").FillAsync("Ada");
                await page.GetByTestId("room").FillAsync("tea");
                await page.GetByTestId("join").ClickAsync();
                await page.GetByTestId("message").FillAsync("Good morning, everybody");
                await page.GetByTestId("send").ClickAsync();
                await Assertions.Expect(page.GetByTestId("message-line").Last).ToContainTextAsync("Good morning");
                await Assertions.Expect(page.Locator(".pending")).ToHaveCountAsync(0);
            },
            ["/dashboard"] = static page => Assertions.Expect(page.GetByTestId("now-connections")).ToHaveTextAsync(AnyNumber()),
            ["/notifications"] = static async page =>
            {
                await page.GetByTestId("name").FillAsync("Ada");
                await page.GetByTestId("sign-in").ClickAsync();
                await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
                await page.GetByTestId("priority").SelectOptionAsync("high");
                await page.GetByTestId("send").ClickAsync();
                await Assertions.Expect(page.GetByTestId("item")).Not.ToHaveCountAsync(0);
            },
            ["/stream"] = static async page =>
            {
                await page.GetByTestId("ask").ClickAsync();
                await Assertions.Expect(page.GetByTestId("pieces")).Not.ToHaveTextAsync("0");
            },
            ["/editor"] = static async page =>
            {
                await page.GetByTestId("name").FillAsync("Ada");
                await page.Locator(".cm-content").FillAsync("Good morning, everybody");
                await Assertions.Expect(page.GetByTestId("people")).ToContainTextAsync("Ada");
                await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
            },
            ["/compare"] = static async page =>
            {
                foreach (string way in (string[])["polling", "long-polling", "events", "websocket"])
                {
                    await Assertions.Expect(page.GetByTestId(way + "-heard")).ToHaveTextAsync(AnyNumber());
                }
            },
            ["/tester"] = static async page =>
            {
                await page.GetByTestId("connect").ClickAsync();
                await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("open");
                await page.GetByTestId("send").ClickAsync();
                await Assertions.Expect(page.GetByTestId("received")).ToHaveCountAsync(1);
            },
            ["/game"] = static async page =>
            {
                await page.GetByTestId("play").ClickAsync();
                await Assertions.Expect(page.GetByTestId("ranks")).ToContainTextAsync("bot");
            },
        };

    [GeneratedRegex("^[1-9]")]
    private static partial Regex AnyNumber();
}
