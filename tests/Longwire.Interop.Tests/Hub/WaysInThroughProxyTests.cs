using System.Security.Cryptography.X509Certificates;
using Longwire.Hubs;
using Longwire.Hubs.Tests;

namespace Longwire.Interop.Tests;

/// <summary>
/// The ways into a hub through proxies as they come: nginx collects answers, and both end what is silent for a minute.
/// </summary>
public static class WaysInThroughProxyTests
{
    public sealed class ByWebSocketThroughNginx() : Through("nginx", WayIn.WebSocket);

    public sealed class ByEventsThroughNginx() : Through("nginx", WayIn.Events);

    public sealed class ByLongPollingThroughNginx() : Through("nginx", WayIn.LongPolling);

    public sealed class ByPollingThroughNginx() : Through("nginx", WayIn.Polling);

    public sealed class ByWebSocketThroughHAProxy() : Through("haproxy", WayIn.WebSocket);

    public sealed class ByEventsThroughHAProxy() : Through("haproxy", WayIn.Events);

    public sealed class ByLongPollingThroughHAProxy() : Through("haproxy", WayIn.LongPolling);

    public sealed class ByPollingThroughHAProxy() : Through("haproxy", WayIn.Polling);

    /// <summary>The same tests, whatever is between.</summary>
    public abstract class Through(string name, WayIn way) : WaysInTests(way), IAsyncLifetime
    {
        private static readonly X509Certificate2 _certificate = EchoApplication.CreateCertificate();

        private ReverseProxy? _proxy;

        public ValueTask InitializeAsync() => default;

        public async ValueTask DisposeAsync()
        {
            if (_proxy is not null)
            {
                await _proxy.DisposeAsync();
            }

            GC.SuppressFinalize(this);
        }

        private protected override async Task<WaysServer> StartAsync(Action<LongwireHubOptions>? configure = null)
        {
            WaysServer server = await base.StartAsync(configure);
            _proxy = await ReverseProxy.StartAsync(name, server.Address.Port, _certificate);
            server.GoThrough(_proxy.CreateHandler("ws"));
            return server;
        }
    }
}
