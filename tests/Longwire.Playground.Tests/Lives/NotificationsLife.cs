namespace Longwire.Playground.Tests;

/// <summary>Two tabs of a user hear of what is for the user, and read in one is read in the other.</summary>
internal sealed class NotificationsLife : PageLife
{
    private readonly string _user = "Nora " + Guid.NewGuid();

    public override string Path => "/notifications";

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        await NotifyAsync("Tea again " + time);
    }

    protected override async Task BeginAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.FillAsync("name", _user);
            await tab.ClickAsync("sign-in");
        }

        await OnlineAsync();
        await First.ClickAsync("to-user");
        await First.FillAsync("to-name", _user);
        await First.FillAsync("priority", "high");
        await NotifyAsync("Tea is ready");
    }

    private async Task NotifyAsync(string title)
    {
        await First.FillAsync("title", title);
        await First.ClickAsync("send");
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync($"[...document.querySelectorAll('.item.unread')].some((item) => item.textContent.includes('{title}'))");
            await tab.UntilAsync("document.body.dataset.chimed");
        }

        await Second.ClickAsync("read-all");
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync("document.getElementById('count').hidden");
        }
    }
}
