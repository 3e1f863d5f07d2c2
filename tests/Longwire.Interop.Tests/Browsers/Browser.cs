using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Interop.Tests;

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

    private readonly TemporaryFolder _profile;
    private readonly ChildProcess _process;

    private Browser(TemporaryFolder profile, ChildProcess process)
    {
        _profile = profile;
        _process = process;
    }

    /// <summary>The browsers.</summary>
    public static IEnumerable<string> Names => ["chromium", "firefox"];

    /// <summary>Starts a browser on a page. It trusts the certificate for the page's host and port.</summary>
    public static Browser Open(string name, Uri page, X509Certificate2 certificate)
    {
        var profile = new TemporaryFolder();
        return new Browser(profile, name == "firefox" ? OpenFirefox(profile, page, certificate) : OpenChromium(profile, page, certificate));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_process.Output}\n{_process.Errors}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _profile.Dispose();
    }

    private static ChildProcess OpenFirefox(TemporaryFolder profile, Uri page, X509Certificate2 certificate)
    {
        File.WriteAllText(profile["user.js"], FirefoxPreferences);
        string fingerprint = string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(part => part.ToString("X2", null)));
        File.WriteAllText(profile["cert_override.txt"], $"{page.Host}:{page.Port}:\tOID.2.16.840.1.101.3.4.2.1\t{fingerprint}\t\n");
        return ChildProcess.Start(
            "/usr/bin/env",
            $"HOME={profile.Path}",
            Places.Firefox,
            "--headless",
            "--no-remote",
            "--profile",
            profile.Path,
            page.ToString()
        );
    }

    private static ChildProcess OpenChromium(TemporaryFolder profile, Uri page, X509Certificate2 certificate)
    {
        string key = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        return ChildProcess.Start(
            Places.Chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            $"--user-data-dir={profile.Path}",
            $"--ignore-certificate-errors-spki-list={key}",
            page.ToString()
        );
    }
}
