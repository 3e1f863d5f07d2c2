namespace Longwire.Playground.Tests;

/// <summary>Two talk; what one writes on a dead line waits, and is said once, also by a page that was left and opened again meanwhile.</summary>
internal sealed class ChatLife : PageLife
{
    private readonly string _room = "room " + Guid.NewGuid();

    public override string Path => "/chat";

    public override async Task LoseAsync(int time)
    {
        await base.LoseAsync(time);
        await SayAsync(First, "In the dark " + time);
        await First.SeeAsync("messages", "Waiting for the connection");
        await First.CountAsync("[data-status=queued]", 1);
        await SayAsync(Second, "And I left " + time);
        await Second.CountAsync("[data-status=queued]", 1);
        await Second.GoToAsync("about:blank");
    }

    public override async Task ReturnAsync(int time)
    {
        await First.HasAsync("state", "online");
        await Second.GoToAsync(Path);
        await JoinAsync(Second, "Bob");
        await TalkAsync("again " + time);
        foreach (Tab tab in Both)
        {
            foreach (string said in (string[])["In the dark " + time, "And I left " + time, "Ada: again " + time])
            {
                string lines = "[...document.querySelectorAll('[data-testid=message-line]')]";
                await tab.UntilAsync($"{lines}.filter((line) => line.textContent.includes('{said}')).length === 1");
            }

            await tab.CountAsync(".pending", 0);
        }
    }

    protected override async Task BeginAsync()
    {
        await JoinAsync(First, "Ada");
        await JoinAsync(Second, "Bob");
        await TalkAsync("<b>hello</b> 👋");
    }

    private async Task TalkAsync(string text)
    {
        await First.SeeAsync("members", "Bob");
        await Second.SeeAsync("members", "Ada");
        await SayAsync(First, "Ada: " + text);
        await Second.SeeAsync("messages", "Ada: " + text);
        await SayAsync(Second, "Bob: " + text);
        await First.SeeAsync("messages", "Bob: " + text);
    }

    private async Task JoinAsync(Tab tab, string name)
    {
        await tab.FillAsync("name", name);
        await tab.FillAsync("room", _room);
        await tab.ClickAsync("join");
        await tab.HasAsync("state", "online");
    }

    private static async Task SayAsync(Tab tab, string text)
    {
        await tab.FillAsync("message", text);
        await tab.ClickAsync("send");
    }
}
