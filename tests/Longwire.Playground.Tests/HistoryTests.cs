using Longwire.Cli.Playground.Streaming;

namespace Longwire.Playground.Tests;

/// <summary>Pages that are left and come back to by the browser's history: loaded again, or kept whole by its back-forward cache.</summary>
public sealed class HistoryTests(Playground playground)
{
    [Theory]
    [InlineData(BrowserKind.Chromium)]
    [InlineData(BrowserKind.Firefox)]
    public async Task A_chat_that_is_come_back_to_has_once_what_was_said_meanwhile_and_goes_on(BrowserKind browser)
    {
        await using BrowserWindow window = await playground.OpenWindowAsync(browser);
        string room = "history " + Guid.NewGuid();
        Tab ada = await JoinAsync(window, "Ada", room),
            bob = await JoinAsync(window, "Bob", room);
        await SayAsync(ada, "From the first visit");
        await SeeOnceAsync(bob, "From the first visit");
        await ada.GoToAsync("/");
        await SayAsync(bob, "While the page was left");
        await ada.BackAsync();
        await ada.HasAsync("state", "online");
        await SeeOnceAsync(ada, "From the first visit", "While the page was left");

        await KeepAsync(ada);
        await SayAsync(bob, "While the page was kept");
        await ShowAsync(ada);
        await SayAsync(ada, "From the last visit");
        foreach (Tab tab in (Tab[])[ada, bob])
        {
            await SeeOnceAsync(tab, "From the first visit", "While the page was left", "While the page was kept", "From the last visit");
        }

        window.AssertNothingWentWrong();
    }

    [Theory]
    [InlineData(BrowserKind.Chromium)]
    [InlineData(BrowserKind.Firefox)]
    public async Task A_stream_that_is_come_back_to_is_told_on_from_where_it_is(BrowserKind browser)
    {
        await using BrowserWindow window = await playground.OpenWindowAsync(browser);
        string question = "How many wires? " + Guid.NewGuid();
        Tab tab = await window.OpenAsync("/stream");
        await tab.FillAsync("question", question);
        await tab.ClickAsync("ask");
        await tab.UntilAsync("Number(document.getElementById('characters').textContent) > 20");
        await tab.GoToAsync("/");
        await tab.BackAsync();
        await tab.HasAsync("asked", question);
        await KeepAsync(tab);
        await ShowAsync(tab);
        await tab.SeeAsync("whole", "Complete");
        Assert.Equal(Script.AnswerTo(question), await tab.RunAsync("document.getElementById('text').textContent"));
        await tab.HasAsync("wrong", "0");
        window.AssertNothingWentWrong();
    }

    // A page driven by tests is not kept by the browser itself: this is what it hears when it is.
    private static async Task KeepAsync(Tab tab)
    {
        await tab.HasAsync("state", "online");
        await tab.RunAsync("void dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        await tab.UntilAsync("document.getElementById('state-text').textContent !== 'online'");
    }

    private static async Task ShowAsync(Tab tab)
    {
        await tab.RunAsync("void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
        await tab.HasAsync("state", "online");
    }

    private static async Task<Tab> JoinAsync(BrowserWindow window, string name, string room)
    {
        Tab tab = await window.OpenAsync("/chat");
        await tab.FillAsync("name", name);
        await tab.FillAsync("room", room);
        await tab.ClickAsync("join");
        await tab.HasAsync("state", "online");
        return tab;
    }

    private static async Task SayAsync(Tab tab, string text)
    {
        await tab.FillAsync("message", text);
        await tab.ClickAsync("send");
    }

    private static async Task SeeOnceAsync(Tab tab, params string[] texts)
    {
        await tab.CountAsync(".pending", 0);
        foreach (string text in texts)
        {
            string lines = "[...document.querySelectorAll('[data-testid=message-line]')]";
            await tab.UntilAsync($"{lines}.filter((line) => line.textContent.includes('{text}')).length === 1");
        }
    }
}
