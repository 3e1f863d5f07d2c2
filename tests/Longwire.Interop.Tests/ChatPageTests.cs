using Microsoft.Playwright;

namespace Longwire.Interop.Tests;

/// <summary>A real Chromium on the chat page.</summary>
public sealed class ChatPageTests : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Places.Chromium,
                Timeout = (float)Patience.Long.TotalMilliseconds,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    [Fact]
    public async Task Two_tabs_talk_in_a_room_and_come_back_by_themselves_when_the_server_was_killed()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        IBrowserContext context = await _browser!.NewContextAsync();
        context.SetDefaultTimeout((float)Patience.Short.TotalMilliseconds);
        var problems = new LineLog();
        IPage ada = await JoinAsync(context, server, "Ada", problems);
        IPage bob = await JoinAsync(context, server, "Bob", problems);

        await SeeAsync(ada.GetByTestId("members"), "Bob");
        await SeeAsync(bob.GetByTestId("members"), "Ada");
        await SayAsync(ada, "Good morning, Bob");
        await SeeAsync(bob.GetByTestId("messages"), "Good morning, Bob");
        await SayAsync(bob, "<b>Good</b> morning, Ada 👋");
        await SeeAsync(ada.GetByTestId("messages"), "<b>Good</b> morning, Ada 👋");
        Assert.Empty(problems.Snapshot());

        await server.Process.KillAsync();
        await NotOnlineAsync(ada);
        await NotOnlineAsync(bob);
        await server.StartAsync(server.Port);
        await OnlineAsync(ada);
        await OnlineAsync(bob);
        await SeeAsync(ada.GetByTestId("members"), "Bob");
        await SeeAsync(bob.GetByTestId("members"), "Ada");
        await SayAsync(bob, "Back again");
        await SeeAsync(ada.GetByTestId("messages"), "Back again");
        await SayAsync(ada, "So am I");
        await SeeAsync(bob.GetByTestId("messages"), "So am I");
        server.AssertNothingWentWrong();
    }

    private static async Task<IPage> JoinAsync(IBrowserContext context, LongwireServer server, string name, LineLog problems)
    {
        IPage page = await context.NewPageAsync();
        page.PageError += (_, error) => problems.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                problems.Add(message.Text);
            }
        };
        await page.GotoAsync(server.Http + "/chat");
        await page.GetByTestId("name").FillAsync(name);
        await page.GetByTestId("room").FillAsync("general");
        await page.GetByTestId("join").ClickAsync();
        await OnlineAsync(page);
        return page;
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("message").FillAsync(text);
        await page.GetByTestId("send").ClickAsync();
    }

    private static Task SeeAsync(ILocator locator, string text) =>
        Assertions.Expect(locator).ToContainTextAsync(text, new() { Timeout = (float)Patience.Short.TotalMilliseconds });

    private static Task OnlineAsync(IPage page) =>
        Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online", new() { Timeout = (float)Patience.Long.TotalMilliseconds });

    private static Task NotOnlineAsync(IPage page) =>
        Assertions
            .Expect(page.GetByTestId("state"))
            .Not.ToHaveTextAsync("online", new() { Timeout = (float)Patience.Short.TotalMilliseconds });
}
