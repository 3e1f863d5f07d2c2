namespace Longwire.Playground.Tests;

/// <summary>All that an element of a page has shown, however shortly.</summary>
internal sealed class Shown : IAsyncDisposable
{
    private readonly IPage _page;
    private readonly string _testId;

    private Shown(IPage page, string testId)
    {
        _page = page;
        _testId = testId;
    }

    /// <summary>Begins to watch.</summary>
    public static async Task<Shown> WatchAsync(IPage page, string testId)
    {
        await page.EvaluateAsync(
            """
            (testId) => {
              const element = document.querySelector(`[data-testid="${testId}"]`);
              const shown = ((globalThis.shown ??= {})[testId] = []);
              shown.observer = new MutationObserver(() => shown.push(element.textContent));
              shown.observer.observe(element, { childList: true, characterData: true, subtree: true });
            }
            """,
            testId
        );
        return new Shown(page, testId);
    }

    /// <summary>Waits until a text is or was shown.</summary>
    public Task SeeAsync(string text) => _page.UntilAsync($"shown['{_testId}'].includes('{text}')");

    /// <summary>All texts but empty ones, the oldest first.</summary>
    public Task<string[]> ReadAsync() => _page.EvaluateAsync<string[]>($"[...shown['{_testId}']].filter(Boolean)");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _page.EvaluateAsync($"shown['{_testId}'].observer.disconnect()");
}
