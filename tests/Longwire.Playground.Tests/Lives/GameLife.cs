namespace Longwire.Playground.Tests;

/// <summary>Two steer, and have the same world as the server at each snapshot.</summary>
internal sealed class GameLife : PageLife
{
    public override string Path => "/game";

    public override async Task PrepareAsync(int time)
    {
        // The first time it has just begun.
        if (time == 1)
        {
            return;
        }

        foreach ((Tab tab, string name) in Both.Zip(["Ann", "Ben"]))
        {
            await tab.GoToAsync(Path);
            await PlayAsync(tab, name + time);
        }
    }

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        await CompareAsync();
        await RestAsync();
    }

    protected override async Task BeginAsync()
    {
        await PlayAsync(First, "Ann");
        await PlayAsync(Second, "Ben");
        await First.RunAsync("void (window.from = play.own.x, play.keys = play.own.x < 32_768 ? 2 : 1)");
        await First.UntilAsync("Math.abs(play.server.x - from) > 1_000");
        await CompareAsync();
    }

    private static async Task PlayAsync(Tab tab, string name)
    {
        await tab.FillAsync("name", name);
        await tab.ClickAsync("play");
        await tab.UntilAsync("globalThis.play?.own");
    }

    private async Task CompareAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.RunAsync("void (window.before = play.snapshots.compared)");
            await tab.UntilAsync("play.snapshots.compared > before + 20");
            Assert.Equal("0", await tab.RunAsync("String(play.snapshots.wrong)"));
        }
    }
}
