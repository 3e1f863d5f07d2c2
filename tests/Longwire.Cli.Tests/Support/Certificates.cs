using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Cli.Tests;

/// <summary>Certificates that are made for a test.</summary>
internal static class Certificates
{
    /// <summary>One for localhost that vouches for itself.</summary>
    public static X509Certificate2 Create(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(notBefore, notAfter);
    }

    public static X509Certificate2 Create() => Create(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
}
