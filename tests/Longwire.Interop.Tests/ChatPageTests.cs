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

    [Fact]
    public async Task A_room_may_have_the_longest_name_and_a_room_that_cannot_be_joined_says_why()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        IBrowserContext context = await _browser!.NewContextAsync();
        context.SetDefaultTimeout((float)Patience.Short.TotalMilliseconds);
        var problems = new LineLog();
        string longest = new('r', 128);
        IPage ada = await JoinAsync(context, server, "Ada", problems, longest);
        IPage bob = await JoinAsync(context, server, "Bob", problems, longest);
        await SayAsync(ada, "From a room with a long name");
        await SeeAsync(bob.GetByTestId("messages"), "From a room with a long name");

        IPage eve = await JoinAsync(context, server, "Eve", problems, "a\u202Eb");
        await SeeAsync(eve.GetByTestId("messages"), "This room can't be joined");
        Assert.Empty(problems.Snapshot());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_second_tab_of_a_user_comes_and_goes_without_a_word()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        IBrowserContext context = await _browser!.NewContextAsync();
        context.SetDefaultTimeout((float)Patience.Short.TotalMilliseconds);
        var problems = new LineLog();
        IPage bob = await JoinAsync(context, server, "Bob", problems);
        IPage first = await JoinAsync(context, server, "Ada", problems);
        await SeeAsync(bob.GetByTestId("messages"), "Ada joined");
        IPage second = await JoinAsync(context, server, "Ada", problems);
        await SayAsync(second, "From my second tab");
        await SeeAsync(bob.GetByTestId("messages"), "From my second tab");
        await second.Locator("#sign-out").ClickAsync();
        await NotOnlineAsync(second);
        await SayAsync(first, "Still here");
        await SeeAsync(bob.GetByTestId("messages"), "Still here");
        foreach (IPage page in (IPage[])[bob, first])
        {
            await Assertions.Expect(page.GetByTestId("messages")).Not.ToContainTextAsync("Ada left");
        }

        await first.CloseAsync();
        await SeeAsync(bob.GetByTestId("messages"), "Ada left");
        Assert.Empty(problems.Snapshot());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_secret_of_a_session_is_not_in_the_address_that_browsers_and_servers_write_down()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        IBrowserContext context = await _browser!.NewContextAsync();
        context.SetDefaultTimeout((float)Patience.Short.TotalMilliseconds);
        var problems = new LineLog();
        var addresses = new LineLog();
        context.Page += (_, page) => page.WebSocket += (_, socket) => addresses.Add(socket.Url);
        IPage ada = await JoinAsync(context, server, "Ada", problems);
        await SayAsync(ada, "Before");
        await ada.ReloadAsync();
        await OnlineAsync(ada);
        await SayAsync(ada, "After");
        await SeeAsync(ada.GetByTestId("messages"), "After");
        Assert.Equal(2, addresses.Snapshot().Count);
        Assert.All(addresses.Snapshot(), static address => Assert.DoesNotContain("?", address, StringComparison.Ordinal));
        server.AssertNothingWentWrong();
    }

    private static async Task<IPage> JoinAsync(
        IBrowserContext context,
        LongwireServer server,
        string name,
        LineLog problems,
        string room = "general"
    )
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
        await page.GetByTestId("room").FillAsync(room);
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
