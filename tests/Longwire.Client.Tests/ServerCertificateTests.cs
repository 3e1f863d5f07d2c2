using System.Net.Security;
using System.Reflection;
using System.Runtime.CompilerServices;
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

    private static IEnumerable<PropertyInfo> Properties() =>
        typeof(SslClientAuthenticationOptions).GetProperties().Where(static property => property.CanWrite);
}
