namespace Longwire.Playground.Tests;

/// <summary>A window of the browser, and what went wrong in its pages.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly LineLog _problems = new();

    internal Visitor(IBrowserContext context)
    {
        Context = context;
        context.Page += (_, page) =>
        {
            page.PageError += (_, error) => _problems.Add(error);
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                {
                    _problems.Add(message.Text);
                }
            };
        };
    }

    internal IBrowserContext Context { get; }

    /// <summary>Opens a tab on a page.</summary>
    public async Task<IPage> OpenAsync(string path)
    {
        IPage page = await Context.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Asserts that no page has thrown or has written an error to the console.</summary>
    public void AssertNothingWentWrong() => Assert.Empty(_problems.Snapshot());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Context.DisposeAsync();
}
