using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>Judges a page by axe-core, and by what axe can't see.</summary>
internal static class Accessibility
{
    /// <summary>Where <c>./vendor</c> installs axe-core.</summary>
    public static string Axe { get; } = Places.Repository("apps/playground/vendor/source/node_modules/axe-core/axe.min.js");

    /// <summary>The findings of axe that are serious or critical, one line each.</summary>
    public static async Task<string[]> FaultsOfAsync(IPage page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(Axe));
        JsonElement? found = await page.EvaluateAsync(
            """
            async () => {
              const { violations } = await axe.run(document, { resultTypes: ['violations'] });
              return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
            }
            """
        );
        return [.. found!.Value.EnumerateArray().Select(static line => line.GetString()!)];
    }

    /// <summary>The controls that Tab does not come to, or that don't show that they have the focus.</summary>
    public static async Task<string[]> UnreachedControlsAsync(IPage page)
    {
        await page.EvaluateAsync(
            """
            () => {
              window.wanted = [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')].filter((control) =>
                control.checkVisibility({ visibilityProperty: true }) && !control.disabled && control.tabIndex >= 0
                && !(control.type === 'radio' && !control.checked));
              document.activeElement?.blur();
            }
            """
        );
        int count = await page.EvaluateAsync<int>("window.wanted.length");
        for (int presses = 0; presses < count + 5; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            await page.EvaluateAsync(
                """
                () => {
                  const focused = document.activeElement;
                  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
                  if (outlineStyle !== 'none' && outlineWidth !== '0px') window.wanted = window.wanted.filter((control) => control !== focused);
                }
                """
            );
        }

        JsonElement? left = await page.EvaluateAsync("window.wanted.map((control) => control.outerHTML.slice(0, 200))");
        return [.. left!.Value.EnumerateArray().Select(static line => line.GetString()!)];
    }
}
