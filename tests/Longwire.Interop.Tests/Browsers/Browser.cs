using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Interop.Tests;

/// <summary>A browser without a window, in a profile of its own, that opens one page and is ended with this.</summary>
internal sealed class Browser : IAsyncDisposable
{
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
        File.WriteAllText(profile["user.js"], BrowserSwitches.Firefox);
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
            [
                "--headless=new",
                .. BrowserSwitches.Chromium,
                $"--user-data-dir={profile.Path}",
                $"--ignore-certificate-errors-spki-list={key}",
                page.ToString(),
            ]
        );
    }
}
