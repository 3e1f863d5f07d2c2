using Longwire.Hubs.Client;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;

namespace Longwire.Hubs.Testing;

/// <summary>Clients of an application that runs in a test server, without a port.</summary>
public static class HubClientTestExtensions
{
    /// <summary>Makes a client of an application's hub. It goes through the application's middleware; the caller disposes of it.</summary>
    /// <typeparam name="TEntryPoint">A class of the application.</typeparam>
    /// <param name="factory">The application.</param>
    /// <param name="path">The hub's path, as <c>/hub</c>.</param>
    /// <param name="token">The token; null for a guest.</param>
    /// <param name="configure">Sets further options; null for the defaults.</param>
    public static HubClient CreateHubClient<TEntryPoint>(
        this WebApplicationFactory<TEntryPoint> factory,
        string path,
        string? token = null,
        Action<HubClientOptions>? configure = null
    )
        where TEntryPoint : class
    {
        ArgumentNullException.ThrowIfNull(factory);
        return factory.Server.CreateHubClient(path, token, configure);
    }

    /// <summary>Makes a client of the hub of an application in a test server, as <see cref="CreateHubClient{TEntryPoint}"/> does.</summary>
    /// <param name="server">The server.</param>
    /// <param name="path">The hub's path, as <c>/hub</c>.</param>
    /// <param name="token">The token; null for a guest.</param>
    /// <param name="configure">Sets further options; null for the defaults.</param>
    public static HubClient CreateHubClient(
        this TestServer server,
        string path,
        string? token = null,
        Action<HubClientOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(path);
        var options = new HubClientOptions { Connect = new TestServerDialer(server).ConnectAsync };
        if (token is not null)
        {
            options.Token = _ => Task.FromResult(token);
        }

        configure?.Invoke(options);
        return new HubClient(new Uri(server.BaseAddress, path), options);
    }
}
