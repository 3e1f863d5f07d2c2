namespace Longwire.Playground.Tests;

/// <summary>The browsers that the pages are for.</summary>
public enum BrowserKind
{
    /// <summary>Chromium, driven by Playwright.</summary>
    Chromium,

    /// <summary>Firefox, driven by WebDriver BiDi.</summary>
    Firefox,
}
