namespace Longwire.Playground.Tests;

internal static class PageExtensions
{
    /// <summary>Waits until an expression is true in a page. (Playwright's own wait evaluates text in the page, which its policy forbids.)</summary>
    public static async Task UntilAsync(this IPage page, string condition)
    {
        Task seen = page.EvaluateAsync(
            $$"""
            () => new Promise((resolve) => {
              const look = () => ({{condition}}) ? resolve() : setTimeout(look, 20);
              look();
            })
            """
        );
        if (await Task.WhenAny(seen, Task.Delay(Patience.Short)) != seen)
        {
            throw new TimeoutException($"It has not come to this: {condition}");
        }

        await seen;
    }
}
