using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>
/// Tests of what clients get from a hub. Each class of them is run over pipes in memory and on a server on every transport: its nested
/// classes say which.
/// </summary>
public abstract class HubTests(ServerTransport? transport)
{
    /// <summary>The transport of the clients' connections; null for pipes in memory.</summary>
    protected ServerTransport? Transport => transport;

    /// <inheritdoc cref="TestHub.StartAsync"/>
    private protected Task<TestHub> StartHubAsync(
        Action<LongwireHubOptions>? configure = null,
        ITokenValidator? validator = null,
        Func<IHubEngine, IHubEngine>? wrapEngine = null,
        ILoggerFactory? loggerFactory = null
    ) => TestHub.StartAsync(configure, validator, wrapEngine, loggerFactory, transport is null ? null : new ServerLink(transport.Value));
}
