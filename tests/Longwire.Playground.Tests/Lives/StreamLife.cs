using Longwire.Cli.Playground.Streaming;

namespace Longwire.Playground.Tests;

/// <summary>An answer is told in two tabs, byte for byte, over an interruption in its middle.</summary>
internal sealed class StreamLife : PageLife
{
    private string _question = "";

    public override string Path => "/stream";

    // Until both tabs have some of an answer of which more than half is still to come, so that what follows is in its middle.
    public override async Task PrepareAsync(int time)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        do
        {
            Assert.False(patience.IsCancellationRequested, "More than half of every answer was told before the tabs had some of it.");
            await AskAsync(time);
        } while (2 * (await ToldAsync(First)).Length > Script.AnswerTo(_question).Length);
    }

    private async Task AskAsync(int time)
    {
        // A long question has a long answer, which a slow machine is in the middle of for as long as it needs.
        _question = $"How many wires? {time} {Guid.NewGuid()}".PadRight(200, '?');
        await First.FillAsync("question", _question);
        await First.ClickAsync("ask");
        await First.HasAsync("asked", _question);
        string search = (await First.RunAsync("location.search"))!;
        await Second.RunAsync($"void (history.pushState(null, '', '{search}'), dispatchEvent(new PopStateEvent('popstate')))");
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync("Number(document.getElementById('characters').textContent) > 20");
        }
    }

    public override async Task LoseAsync(int time)
    {
        await base.LoseAsync(time);
        string answer = Script.AnswerTo(_question);
        foreach (Tab tab in Both)
        {
            string told = await ToldAsync(tab);
            Assert.StartsWith(told, answer, StringComparison.Ordinal);
            Assert.InRange(told.Length, 20, answer.Length - 20);
        }
    }

    public override async Task ReturnAsync(int time)
    {
        await OnlineAsync();
        foreach (Tab tab in Both)
        {
            await tab.SeeAsync("whole", "Complete");
            Assert.Equal(Script.AnswerTo(_question), await ToldAsync(tab));
            await tab.HasAsync("wrong", "0");
        }
    }

    protected override Task BeginAsync() => OnlineAsync();

    private static async Task<string> ToldAsync(Tab tab) => (await tab.RunAsync("document.getElementById('text').textContent"))!;
}
