using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Client;

/// <summary>Judges the server's certificate as the options say, and remembers why one was refused.</summary>
internal sealed class ServerCertificate(RemoteCertificateValidationCallback? rule, string advice = ServerCertificate.Advice)
{
    /// <summary>Says what a program can do about a certificate that is not valid.</summary>
    public const string Advice =
        "Trust its issuer on this machine, or have WebSocketClientOptions.Tls take the certificate (RemoteCertificateValidationCallback).";

    /// <summary>Why the certificate was refused, with what to do about it; null where it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>A copy of options for TLS that judges the certificate here.</summary>
    /// <param name="tls">The options; null for the platform's.</param>
    /// <param name="withIdentity">
    /// Whether the server is the one that was named: the client's certificate and the name that it expects are no other host's business.
    /// </param>
    public SslClientAuthenticationOptions Apply(SslClientAuthenticationOptions? tls, bool withIdentity)
    {
        SslClientAuthenticationOptions copy = tls is null ? new SslClientAuthenticationOptions() : Copy(tls);
        copy.RemoteCertificateValidationCallback = Judge;
        if (!withIdentity)
        {
            copy.ClientCertificateContext = null;
            copy.ClientCertificates = null;
            copy.LocalCertificateSelectionCallback = null;
            copy.TargetHost = null;
        }

        return copy;
    }

    /// <summary>A copy of options for TLS, which the platform lets nobody clone.</summary>
    internal static SslClientAuthenticationOptions Copy(SslClientAuthenticationOptions tls)
    {
        var copy = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
            TargetHost = tls.TargetHost,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = tls.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = tls.AllowRsaPssPadding;
        }

        return copy;
    }

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (rule is null ? errors == SslPolicyErrors.None : rule(sender, certificate, chain, errors))
        {
            return true;
        }

        string faults = string.Join(
            ", ",
            chain?.ChainStatus.Select(static status => status.Status.ToString()).Prepend($"{errors}") ?? [$"{errors}"]
        );
        Refusal = rule is null
            ? $"its certificate is not valid here ({faults}). {advice}"
            : $"the RemoteCertificateValidationCallback of WebSocketClientOptions.Tls refuses its certificate ({faults}).";
        return false;
    }
}
