using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Longwire.AspNetCore.Tests;

/// <summary>Tests of what a server does. Each class of them is run on every transport: its nested classes say which.</summary>
public abstract class ServerTests(ServerTransport transport)
{
    protected ServerTransport Transport => transport;

    /// <inheritdoc cref="TestServer.StartAsync"/>
    private protected Task<TestServer> StartServerAsync(
        Action<WebApplication> map,
        Action<IServiceCollection>? configure = null,
        Action<KestrelServerOptions>? kestrel = null,
        X509Certificate2? certificate = null,
        HttpProtocols protocols = HttpProtocols.Http1
    ) => TestServer.StartAsync(transport, map, configure, kestrel, certificate, protocols);
}
