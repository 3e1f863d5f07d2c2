using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Longwire.Cli.Network;
using Longwire.Client;

namespace Longwire.Cli.Doctor;

/// <summary>Shakes hands by TLS with a server and looks at its certificate.</summary>
internal static class TlsProbe
{
    public static async Task<TlsFinding> RunAsync(
        Uri address,
        NetworkOptions network,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        SslPolicyErrors errors = SslPolicyErrors.None;
        X509ChainStatusFlags chainErrors = X509ChainStatusFlags.NoError;
        X509Certificate2? certificate = null;
        string name = network.ServerName ?? address.IdnHost;
        SslClientAuthenticationOptions tls = TlsOptions.Create(network);
        tls.TargetHost = name;
        tls.RemoteCertificateValidationCallback = (_, remote, chain, found) =>
        {
            errors = found;
            certificate = remote is null ? null : new X509Certificate2(remote);
            chainErrors = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status) ?? chainErrors;
            return true;
        };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(patience);
        try
        {
            using Socket socket = await TcpDialer.ConnectAsync(address.IdnHost, address.Port, end.Token);
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsClientAsync(tls, end.Token);
            using (certificate)
            {
                return Judge(stream, certificate, errors, chainErrors, name);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TlsFinding(
                "tls-silent",
                $"No TLS handshake within {patience.TotalSeconds:0.##} s.",
                "The port may speak plain HTTP and wait for a request: try ws://."
            );
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException)
        {
            return await SpeaksHttpAsync(address, end.Token)
                ? new TlsFinding(
                    "tls-not-spoken",
                    "The port speaks plain HTTP, no TLS.",
                    $"Try ws://{address.Authority}{address.AbsolutePath}"
                )
                : new TlsFinding(
                    "tls-failed",
                    $"TLS failed: {exception.InnerException?.Message ?? exception.Message}",
                    "Server and client may have no version or cipher in common, or the server wants a client certificate (--cert)."
                );
        }
    }

    /// <summary>Whether a port that was taken for plain speaks TLS.</summary>
    public static async Task<bool> SpeaksTlsAsync(
        Uri address,
        NetworkOptions network,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        TlsFinding finding = await RunAsync(address, network, patience, cancellationToken);
        return finding.Cause.Length == 0 || finding.IsCertificate;
    }

    private static TlsFinding Judge(
        SslStream stream,
        X509Certificate2? certificate,
        SslPolicyErrors errors,
        X509ChainStatusFlags chainErrors,
        string name
    )
    {
        string names = certificate is null ? "no certificate" : Names(certificate);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is null)
        {
            return new TlsFinding("certificate-missing", "The server has no certificate.", "", IsCertificate: true);
        }

        if (chainErrors.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return certificate.NotBefore > DateTime.Now
                ? new TlsFinding(
                    "certificate-not-yet-valid",
                    $"The certificate of {names} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} on.",
                    "Is this machine's clock right? Then the server needs another one until that day.",
                    IsCertificate: true
                )
                : new TlsFinding(
                    "certificate-expired",
                    $"The certificate of {names} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}, or one that vouches for it has.",
                    "Renew it; if it is new, look at this machine's clock.",
                    IsCertificate: true
                );
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new TlsFinding(
                "certificate-name",
                $"The certificate is for {names}, not for {name}.",
                "Connect by a name that it has, or give the server a certificate for this one. --sni asks for another name.",
                IsCertificate: true
            );
        }

        return errors == SslPolicyErrors.None
            ? new TlsFinding(
                "",
                $"{stream.SslProtocol.ToString().Replace("Tls1", "TLS 1.", StringComparison.Ordinal)}, "
                    + $"certificate of {names} until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}"
            )
            : new TlsFinding(
                "certificate-untrusted",
                $"Nobody that this machine trusts vouches for the certificate of {names} ({chainErrors}).",
                "Its own authority can be named with --ca FILE; -n takes any. A server has to send its intermediate certificates too.",
                IsCertificate: true
            );
    }

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] all = names is null
            ? []
            : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(static address => address.ToString())];
        return all.Length > 0 ? string.Join(", ", all) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private static async Task<bool> SpeaksHttpAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using Socket socket = await TcpDialer.ConnectAsync(address.IdnHost, address.Port, cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
            byte[] answer = new byte[5];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return answer.AsSpan().SequenceEqual("HTTP/"u8);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
