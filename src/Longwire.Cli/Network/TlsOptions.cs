using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Cli.Network;

/// <summary>Makes the platform's options for TLS from what was typed.</summary>
internal static class TlsOptions
{
    /// <exception cref="FormatException">A file can't be read as what it is meant to be.</exception>
    public static SslClientAuthenticationOptions Create(NetworkOptions options)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = options.ServerName };
        if (options.Insecure)
        {
#pragma warning disable CA5359 // The user asked for it, by -n.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (options.AuthorityFile is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(
                Read(
                    authorities,
                    static file =>
                    {
                        var all = new X509Certificate2Collection();
                        all.ImportFromPemFile(file);
                        return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate in PEM.");
                    }
                )
            );
        }

        if (options.CertificateFile is { } certificate)
        {
            tls.ClientCertificates = [Read(certificate, file => ReadCertificate(file, options))];
        }

        return tls;
    }

    private static X509Certificate2 ReadCertificate(string file, NetworkOptions options)
    {
        if (!File.ReadAllText(file).Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(file, options.Passphrase);
        }

        return options.Passphrase is { } passphrase
            ? X509Certificate2.CreateFromEncryptedPemFile(file, passphrase, options.KeyFile)
            : X509Certificate2.CreateFromPemFile(file, options.KeyFile);
    }

    private static T Read<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new FormatException($"'{file}' can't be read as a certificate: {exception.Message}", exception);
        }
    }
}
