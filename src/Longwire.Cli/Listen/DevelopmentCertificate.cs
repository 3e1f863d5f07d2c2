using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Cli.Listen;

/// <summary>A certificate for localhost that this tool makes and keeps, for development: nobody vouches for it.</summary>
internal static class DevelopmentCertificate
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(90);

    /// <summary>Reads it, or makes a new one when there is none that lasts.</summary>
    /// <returns>The certificate, and the file in PEM that clients can be told to trust; null when it could not be kept.</returns>
    public static (X509Certificate2 Certificate, string? File) Get(string folder)
    {
        string file = Path.Combine(folder, "localhost.pem");
        string keyFile = Path.Combine(folder, "localhost.key");
        try
        {
            if (
                File.Exists(file)
                && X509Certificate2.CreateFromPemFile(file, keyFile) is var kept
                && kept.NotAfter > DateTime.Now.AddDays(1)
            )
            {
                return (kept, file);
            }
        }
        catch (Exception exception) when (exception is IOException or CryptographicException or UnauthorizedAccessException)
        {
            // A new one is made.
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow + _lifetime);
        try
        {
            Directory.CreateDirectory(folder);
            Write(keyFile, key.ExportPkcs8PrivateKeyPem());
            Write(file, certificate.ExportCertificatePem() + "\n");
            return (certificate, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (certificate, null);
        }
    }

    private static void Write(string file, string text)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
