namespace Longwire.Interop.Tests;

/// <summary>The switches that turn off everything that a fresh browser does or shows by itself.</summary>
internal static class BrowserSwitches
{
    /// <summary>The preferences of a Firefox, as they stand in its profile's <c>user.js</c>.</summary>
    public const string Firefox = """
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

    /// <summary>The arguments of a Chromium, which has no sandbox as root.</summary>
    public static string[] Chromium { get; } =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
    ];
}
