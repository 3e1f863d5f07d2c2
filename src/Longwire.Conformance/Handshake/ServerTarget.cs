using System.Net.Security;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>The server under test: opens raw connections to it.</summary>
internal sealed class ServerTarget(Uri uri, ConformanceOptions options)
{
    public Uri Uri { get; } = uri;

    /// <summary>Connects TCP and, for <c>wss</c>, TLS.</summary>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken, bool http2 = false)
    {
        bool secure = Uri.Scheme is "wss" or "https";
        TcpClient client = new() { NoDelay = true };
        try
        {
            using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(options.Patience);
            await client.ConnectAsync(Uri.DnsSafeHost, Uri.Port, timer.Token);
            NetworkStream stream = client.GetStream();
            if (!secure)
            {
                return stream;
            }

            TlsStream tls = new(stream);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = Uri.DnsSafeHost,
                    RemoteCertificateValidationCallback = options.CertificateValidation,
                    ApplicationProtocols = [http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
                },
                timer.Token
            );
            return tls;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
