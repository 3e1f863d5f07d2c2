namespace Longwire.Playground.Tests;

/// <summary>Notifications: to one, a room, all; in all tabs; read in one is read in all; those for the absent come later.</summary>
public sealed class NotificationsPageTests(Playground playground, LongwireServer server) : IClassFixture<LongwireServer>
{
    [Fact]
    public async Task What_is_for_a_user_comes_to_all_tabs_and_is_read_in_all_when_it_is_read_in_one()
    {
        await using Visitor visitor = await VisitAsync();
        IPage first = await SignInAsync(visitor, "Nora");
        IPage second = await SignInAsync(visitor, "Nora");
        IPage other = await SignInAsync(visitor, "Otto");
        await SendAsync(other, "Tea is ready", "user", "Nora", "high");
        foreach (IPage page in (IPage[])[first, second])
        {
            await Assertions.Expect(page.Locator(".item.unread", new() { HasText = "Tea is ready" })).ToHaveCountAsync(1);
        }

        await Assertions.Expect(first.Locator("body")).ToHaveAttributeAsync("data-chimed", "1");
        await Assertions.Expect(other.GetByTestId("item").Filter(new() { HasText = "Tea is ready" })).ToHaveCountAsync(0);
        await first.GetByTestId("read-all").ClickAsync();
        foreach (IPage page in (IPage[])[first, second])
        {
            await Assertions.Expect(page.GetByTestId("unread")).ToBeHiddenAsync();
        }

        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Everyone_and_a_room_are_told_and_read_in_one_tab_is_read_in_the_other()
    {
        await using Visitor visitor = await VisitAsync();
        IPage first = await SignInAsync(visitor, "Petra");
        IPage second = await SignInAsync(visitor, "Petra");
        await SendAsync(first, "To everyone " + Guid.NewGuid(), "all", null, "normal");
        await SendAsync(first, "<i>To the room</i>", "room", "lobby", "low");
        await Assertions.Expect(second.GetByTestId("list")).ToContainTextAsync("<i>To the room</i>");
        await Assertions.Expect(second.GetByTestId("list")).ToContainTextAsync("To everyone");
        await second.GetByTestId("read-all").ClickAsync();
        await Assertions.Expect(first.GetByTestId("unread")).ToBeHiddenAsync();
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_user_who_was_away_gets_it_later_and_has_read_nothing_of_it()
    {
        await using Visitor visitor = await VisitAsync();
        IPage other = await SignInAsync(visitor, "Quentin");
        await SendAsync(other, "While you were away", "user", "Rosa", "normal");
        IPage rosa = await SignInAsync(visitor, "Rosa");
        await Assertions.Expect(rosa.GetByTestId("list")).ToContainTextAsync("While you were away");
        await Assertions.Expect(rosa.Locator(".item.unread", new() { HasText = "While you were away" })).ToHaveCountAsync(1);
        await Assertions.Expect(rosa.Locator("body")).Not.ToHaveAttributeAsync("data-chimed", "1");
        await rosa.GetByTestId("read-all").ClickAsync();
        await Assertions.Expect(rosa.GetByTestId("unread")).ToBeHiddenAsync();
        await rosa.ReloadAsync();
        await rosa.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(rosa.GetByTestId("list")).ToContainTextAsync("While you were away");
        await Assertions.Expect(rosa.Locator(".item.unread", new() { HasText = "While you were away" })).ToHaveCountAsync(0);
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_page_that_is_not_looked_at_shows_it_on_the_desktop_when_it_may()
    {
        await using Visitor visitor = await VisitAsync();
        // A browser without a window has no desktop: this stands in for it.
        await visitor.Context.AddInitScriptAsync(
            """
            window.onDesktop = [];
            window.Notification = class {
              static permission = 'default';
              static async requestPermission() { return (Notification.permission = 'granted'); }
              constructor(title, { body }) { onDesktop.push(`${title}: ${body}`); }
            };
            """
        );
        IPage theo = await SignInAsync(visitor, "Theo");
        await theo.Locator("#desktop").ClickAsync();
        await Assertions.Expect(theo.Locator("#desktop")).ToBeHiddenAsync();
        await SendAsync(theo, "Looked at", "user", "Theo", "normal");
        await Assertions.Expect(theo.GetByTestId("list")).ToContainTextAsync("Looked at");
        await theo.EvaluateAsync("Object.defineProperty(document, 'hidden', { value: true })");
        await SendAsync(theo, "Not looked at", "user", "Theo", "normal");
        await theo.UntilAsync("onDesktop.length > 0");
        Assert.Equal(["Not looked at: Two teas, one with milk"], await theo.EvaluateAsync<string[]>("onDesktop"));
        visitor.AssertNothingWentWrong();
    }

    // A server of its own: on the one of all tests others have something to say to everyone, too.
    private Task<Visitor> VisitAsync() => playground.VisitAsync(options => options.BaseURL = server.Http);

    private static async Task<IPage> SignInAsync(Visitor visitor, string name)
    {
        IPage page = await visitor.OpenAsync("/notifications");
        await page.GetByTestId("name").FillAsync(name);
        await page.GetByTestId("sign-in").ClickAsync();
        await Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online");
        return page;
    }

    private static async Task SendAsync(IPage page, string title, string to, string? name, string priority)
    {
        if (name is not null)
        {
            await page.GetByTestId("to-" + to).CheckAsync();
            await page.GetByTestId("to-name").FillAsync(name);
        }

        await page.GetByTestId("priority").SelectOptionAsync(priority);
        await page.GetByTestId("title").FillAsync(title);
        await page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.GetByTestId("problem")).ToHaveTextAsync("Sent.");
    }
}
