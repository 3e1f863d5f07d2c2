namespace Longwire.Interop.Tests;

/// <summary>Longwire's server, with each of the reverse proxies before it.</summary>
public sealed class ProxiedServer : IAsyncLifetime
{
    private readonly Dictionary<string, ReverseProxy> _proxies = [];

    /// <summary>The server.</summary>
    public EchoApplication Server { get; } = new();

    internal ReverseProxy this[string name] => _proxies[name];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        foreach (string name in ReverseProxy.Names)
        {
            _proxies[name] = await ReverseProxy.StartAsync(name, Server.Port, Server.Certificate);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ReverseProxy proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }

        await Server.DisposeAsync();
    }
}
