namespace Longwire.Playground.Tests;

/// <summary>Two connect to an endpoint that tells each what the other says.</summary>
internal sealed class TesterLife : PageLife
{
    public override string Path => "/tester";

    public override async Task LoseAsync(int time)
    {
        foreach (Tab tab in Both)
        {
            await tab.HasAsync("state", "closed");
            await tab.SeeAsync("diagnosis", "Connection drops frequently");
        }
    }

    public override async Task ReturnAsync(int time)
    {
        foreach (Tab tab in Both)
        {
            await tab.ClickAsync("connect");
            await tab.HasAsync("state", "open");
        }

        await SayAsync("again " + time);
    }

    protected override async Task BeginAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.RunAsync(
                "(document.getElementById('address').value = document.getElementById('address').value.replace('/echo', '/broadcast'))"
            );
        }

        await ReturnAsync(0);
    }

    private async Task SayAsync(string text)
    {
        foreach ((Tab from, Tab to) in new[] { (First, Second), (Second, First) })
        {
            await from.FillAsync("message", text);
            await from.ClickAsync("send");
            await to.UntilAsync(
                $"[...document.querySelectorAll('[data-testid=received]')].some((row) => row.textContent.includes('{text}'))"
            );
        }
    }
}
