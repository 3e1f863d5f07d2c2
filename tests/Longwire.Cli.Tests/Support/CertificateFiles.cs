using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Cli.Tests;

/// <summary>A certificate in the files that people have it in.</summary>
internal sealed class CertificateFiles : IDisposable
{
    public const string Passphrase = "open sesame";

    private static readonly PbeParameters _encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("longwire-");

    /// <summary>A certificate for localhost that nobody vouches for.</summary>
    public CertificateFiles()
        : this(Certificates.Create()) { }

    /// <param name="certificate">The certificate with its key; the files have it from then on.</param>
    public CertificateFiles(X509Certificate2 certificate)
    {
        using (certificate)
        {
            using ECDsa key = certificate.GetECDsaPrivateKey()!;
            Thumbprint = certificate.Thumbprint;
            File.WriteAllText(Certificate, certificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(EncryptedKey, key.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, _encryption));
            File.WriteAllBytes(Pfx, certificate.Export(X509ContentType.Pkcs12, Passphrase));
        }
    }

    public string Thumbprint { get; }

    public string Certificate => Path.Combine(_directory.FullName, "cert.pem");

    public string Key => Path.Combine(_directory.FullName, "key.pem");

    public string EncryptedKey => Path.Combine(_directory.FullName, "encrypted.pem");

    public string Pfx => Path.Combine(_directory.FullName, "cert.pfx");

    public void Dispose() => _directory.Delete(recursive: true);
}
