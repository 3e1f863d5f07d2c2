using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>A browser without a window, in a profile of its own, that opens one page and is ended with this.</summary>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>The switches that turn off everything that a fresh browser does or shows by itself.</summary>
    private const string FirefoxPreferences = """
        user_pref("app.normandy.enabled", false);
        user_pref("app.update.enabled", false);
        user_pref("browser.aboutwelcome.enabled", false);
        user_pref("browser.safebrowsing.malware.enabled", false);
        user_pref("browser.safebrowsing.phishing.enabled", false);
        user_pref("browser.shell.checkDefaultBrowser", false);
        user_pref("browser.startup.homepage", "about:blank");
        user_pref("browser.startup.homepage_override.mstone", "ignore");
        user_pref("datareporting.policy.dataSubmissionEnabled", false);
        user_pref("extensions.systemAddon.update.enabled", false);
        user_pref("media.gmp-manager.updateEnabled", false);
        user_pref("network.captive-portal-service.enabled", false);
        user_pref("network.connectivity-service.enabled", false);
        user_pref("network.proxy.type", 0);
        user_pref("services.settings.server", "data:,");
        user_pref("toolkit.telemetry.enabled", false);
        user_pref("trailhead.firstrun.didSeeAboutWelcome", true);

        """;

    private readonly TemporaryFolder _profile = new();
    private readonly ChildProcess _process;

    public Browser(string name, string page)
    {
        if (name == "firefox")
        {
            File.WriteAllText(_profile["user.js"], FirefoxPreferences);
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
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            $"--user-data-dir={_profile.Path}",
            page
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Dispose();
    }
}
