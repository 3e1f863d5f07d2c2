namespace Longwire.Playground.Tests;

/// <summary>The life of a page in two tabs: before an interruption, during it, and after it.</summary>
internal abstract class PageLife
{
    private Tab? _first;
    private Tab? _second;

    /// <summary>The page.</summary>
    public abstract string Path { get; }

    protected Tab First => _first!;

    protected Tab Second => _second!;

    protected IEnumerable<Tab> Both => [First, Second];

    /// <summary>Opens the tabs, and brings them to what the page is for.</summary>
    public async Task BeginAsync(BrowserWindow window)
    {
        Tab[] tabs = await Task.WhenAll(window.OpenAsync(Path), window.OpenAsync(Path));
        (_first, _second) = (tabs[0], tabs[1]);
        await BeginAsync();
    }

    /// <summary>Begins what an interruption is to come into the middle of.</summary>
    public virtual Task PrepareAsync(int time) => Task.CompletedTask;

    /// <summary>Waits until both tabs say that the line is dead, and does what one does meanwhile.</summary>
    public virtual async Task LoseAsync(int time)
    {
        foreach (Tab tab in Both)
        {
            await tab.UntilAsync("document.getElementById('state-text').textContent !== 'online'");
        }
    }

    /// <summary>Waits until both tabs live again, with all that was.</summary>
    public abstract Task ReturnAsync(int time);

    protected abstract Task BeginAsync();

    /// <summary>Leaves the page, which is never at rest and would take the machine's time from the others.</summary>
    protected async Task RestAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.GoToAsync("about:blank");
        }
    }

    protected async Task OnlineAsync()
    {
        foreach (Tab tab in Both)
        {
            await tab.HasAsync("state", "online");
        }
    }
}
