namespace Longwire.Playground.Tests;

/// <summary>Two see the figures of each second.</summary>
internal sealed class DashboardLife : PageLife
{
    public override string Path => "/dashboard";

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        await BeginAsync();
    }

    protected override async Task BeginAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.RunAsync("void (document.getElementById('now-connections').textContent = '–')");
            await tab.UntilAsync("/^[1-9]/.test(document.getElementById('now-connections').textContent)");
            await tab.UntilAsync("document.querySelector('#loops li') && document.querySelector('#messages canvas')");
            await tab.CountAsync("#histogram li", 11);
        }
    }
}
