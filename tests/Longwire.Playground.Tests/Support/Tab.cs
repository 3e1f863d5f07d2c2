using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>A tab of whichever browser.</summary>
internal abstract class Tab
{
    /// <summary>Goes to an address, and waits until the page is loaded.</summary>
    public abstract Task GoToAsync(string address);

    /// <summary>Goes back to the page before, as the browser's button does, and waits until it is there.</summary>
    public abstract Task BackAsync();

    /// <summary>Evaluates an expression, which may be a promise; what is no text becomes JSON.</summary>
    public abstract Task<string?> RunAsync(string expression);

    /// <summary>Closes the tab.</summary>
    public abstract Task CloseAsync();

    /// <summary>Waits until an expression is true.</summary>
    public async Task UntilAsync(string condition)
    {
        Task<string?> seen = RunAsync(
            $$"""
            new Promise((resolve) => {
              const look = () => { ({{condition}}) ? resolve('') : setTimeout(look, 20); };
              look();
            })
            """
        );
        if (await Task.WhenAny(seen, Task.Delay(Patience.Long)) != seen)
        {
            throw new TimeoutException(
                $"It has not come to this: {condition}. The page says:\n{await RunAsync("document.body.innerText.slice(0, 2_000)")}"
            );
        }

        await seen;
    }

    /// <summary>Writes into a field.</summary>
    public Task FillAsync(string testId, string text) =>
        RunAsync(
            $$"""
            (() => {
              const field = {{Find(testId)}};
              field.focus();
              field.value = {{Quote(text)}};
              field.dispatchEvent(new Event('input', { bubbles: true }));
              field.dispatchEvent(new Event('change', { bubbles: true }));
            })()
            """
        );

    /// <summary>Clicks on an element that is there and can be clicked on.</summary>
    public async Task ClickAsync(string testId)
    {
        await UntilAsync($"{Find(testId)}?.checkVisibility() && !{Find(testId)}.disabled");
        await RunAsync($"void {Find(testId)}.click()");
    }

    /// <summary>Waits until a text is in an element.</summary>
    public Task SeeAsync(string testId, string text) => UntilAsync($"{Find(testId)}?.textContent.includes({Quote(text)})");

    /// <summary>Waits until an element's text is this one.</summary>
    public Task HasAsync(string testId, string text) => UntilAsync($"{Find(testId)}?.textContent === {Quote(text)}");

    /// <summary>Waits until there are so many elements of a selector.</summary>
    public Task CountAsync(string selector, int count) => UntilAsync($"document.querySelectorAll({Quote(selector)}).length === {count}");

    protected static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Find(string testId) => $"document.querySelector('[data-testid=\"{testId}\"]')";
}
