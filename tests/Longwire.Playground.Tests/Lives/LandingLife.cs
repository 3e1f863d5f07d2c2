namespace Longwire.Playground.Tests;

/// <summary>A word goes there and back; on a dead line it is said that nobody answers.</summary>
internal sealed class LandingLife : PageLife
{
    public override string Path => "/";

    public override async Task LoseAsync(int time)
    {
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync("!document.querySelector('.wire.live')");
            await tab.ClickAsync("say");
            await tab.SeeAsync("answer", "The server does not answer");
        }
    }

    public override Task ReturnAsync(int time) => SayAsync("again " + time);

    protected override Task BeginAsync() => SayAsync("hello");

    private async Task SayAsync(string word)
    {
        foreach (Tab tab in Both)
        {
            await tab.FillAsync("word", word);
            await tab.ClickAsync("say");
            await tab.SeeAsync("answer", $"“{word}” came back in");
        }
    }
}
