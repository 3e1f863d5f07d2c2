namespace Longwire.Playground.Tests;

/// <summary>Four ways hear what is said, and each hears again.</summary>
internal sealed class CompareLife : PageLife
{
    public override string Path => "/compare";

    public override async Task PrepareAsync(int time)
    {
        // The first time it has just begun.
        if (time == 1)
        {
            return;
        }

        foreach (Tab tab in Both)
        {
            await tab.GoToAsync(Path);
            await HearAsync(tab);
        }
    }

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        foreach (Tab tab in Both)
        {
            await tab.RunAsync("void (window.before = comparison.said)");
            await tab.UntilAsync("Object.values(comparison.ways).every((way) => way.heard + way.missing > before + 1)");
        }

        await RestAsync();
    }

    protected override async Task BeginAsync()
    {
        await HearAsync(First);
        await HearAsync(Second);
    }

    private static Task HearAsync(Tab tab) =>
        tab.UntilAsync("globalThis.comparison && Object.values(comparison.ways).every(({ heard, missing }) => heard > 1 && missing === 0)");
}
