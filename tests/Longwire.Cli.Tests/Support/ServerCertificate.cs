using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Cli.Tests;

/// <summary>A server's certificate and key in files, of a name that nobody looks up.</summary>
internal sealed class ServerCertificate : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("longwire-");
    private readonly X509Certificate2 _certificate;

    public ServerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = new CertificateRequest("CN=chat.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string File => Path.Combine(_directory.FullName, "cert.pem");

    public string KeyFile => Path.Combine(_directory.FullName, "key.pem");

    /// <summary>Takes this certificate and no other.</summary>
    public SslClientAuthenticationOptions Trust =>
        new() { RemoteCertificateValidationCallback = (_, presented, _, _) => _certificate.Equals(presented) };

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Delete(recursive: true);
    }
}
