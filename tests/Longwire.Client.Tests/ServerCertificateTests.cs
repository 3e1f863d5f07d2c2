using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Client.Tests;

public sealed class ServerCertificateTests
{
    // A property that a later .NET adds must not get lost in silence.
    [Fact]
    public void Every_option_of_TLS_is_copied()
    {
        var tls = new SslClientAuthenticationOptions
        {
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            CertificateChainPolicy = new X509ChainPolicy(),
            ClientCertificates = [],
            LocalCertificateSelectionCallback = static (_, _, _, _, _) => null!,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            TargetHost = "host",
        };
        foreach (PropertyInfo property in Properties())
        {
            if (property.PropertyType == typeof(bool))
            {
                property.SetValue(tls, !(bool)property.GetValue(tls)!);
            }
            else if (property.PropertyType.IsEnum)
            {
                object other = Enum.GetValues(property.PropertyType).Cast<object>().First(value => !value.Equals(property.GetValue(tls)));
                property.SetValue(tls, other);
            }
            else if (property.GetValue(tls) is null)
            {
                property.SetValue(tls, RuntimeHelpers.GetUninitializedObject(property.PropertyType));
            }
        }

        SslClientAuthenticationOptions copy = ServerCertificate.Copy(tls);
        Assert.All(Properties(), property => Assert.Equal(property.GetValue(tls), property.GetValue(copy)));
    }

    [Fact]
    public void Another_host_gets_neither_the_client_s_identity_nor_the_name_that_was_expected()
    {
        var tls = new SslClientAuthenticationOptions
        {
            ClientCertificates = [],
            LocalCertificateSelectionCallback = static (_, _, _, _, _) => null!,
            TargetHost = "host",
        };
        SslClientAuthenticationOptions copy = new ServerCertificate(null).Apply(tls, withIdentity: false);
        Assert.Null(copy.ClientCertificates);
        Assert.Null(copy.LocalCertificateSelectionCallback);
        Assert.Null(copy.TargetHost);
    }

    [Fact]
    public async Task The_name_in_the_options_is_asked_for_in_place_of_the_address_s()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> asked = AskedForAsync();
        await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(
                new Uri($"wss://{listener.LocalEndpoint}/"),
                new WebSocketClientOptions
                {
                    Tls = new SslClientAuthenticationOptions { TargetHost = "other.example" },
                    UseProxy = false,
                    ConnectTimeout = Patience.Long,
                }
            )
        );
        Assert.Equal("other.example", await asked);

        async Task<string> AskedForAsync()
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            using var tls = new SslStream(client.GetStream());
            string name = "";
            await Assert.ThrowsAnyAsync<Exception>(() =>
                tls.AuthenticateAsServerAsync(
                    (_, hello, _, _) =>
                    {
                        name = hello.ServerName;
                        throw new AuthenticationException("That is all that is of interest.");
                    },
                    null
                )
            );
            return name;
        }
    }

    private static IEnumerable<PropertyInfo> Properties() =>
        typeof(SslClientAuthenticationOptions).GetProperties().Where(static property => property.CanWrite);
}
