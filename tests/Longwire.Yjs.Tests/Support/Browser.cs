using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>A browser without a window, in a profile of its own, that opens one page and is ended with this.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly TemporaryFolder _profile = new();
    private readonly ChildProcess _process;

    public Browser(string name, string page)
    {
        if (name == "firefox")
        {
            File.WriteAllText(_profile["user.js"], BrowserSwitches.Firefox);
            _process = ChildProcess.Start(
                "/usr/bin/env",
                $"HOME={_profile.Path}",
                "/usr/bin/firefox-esr",
                "--headless",
                "--no-remote",
                "--profile",
                _profile.Path,
                page
            );
            return;
        }

        _process = ChildProcess.Start(
            "/usr/bin/chromium",
            ["--headless=new", .. BrowserSwitches.Chromium, $"--user-data-dir={_profile.Path}", page]
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Dispose();
    }
}
