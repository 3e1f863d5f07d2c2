using System.Security.Claims;
using Longwire.Hubs.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Testing;

/// <summary>
/// A hub in the test's process, with the application's rooms and services. Nothing listens, and time passes only when the test turns
/// <see cref="Time"/>. Background services of the application are not started. Thread safe.
/// </summary>
public sealed class HubTestHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Hub _hub;
    private readonly TestLog _log;

    /// <summary>
    /// Makes containers resolve without compiling. One that lives for a few milliseconds would spend most of them on that.
    /// </summary>
    static HubTestHost() => AppContext.SetSwitch("Microsoft.Extensions.DependencyInjection.DisableDynamicEngine", true);

    private HubTestHost(ServiceProvider services, HubTestClock time, TestLog log)
    {
        _services = services;
        _log = log;
        _hub = services.GetRequiredService<Hub>();
        Time = time;
        Hub = services.GetRequiredService<IHub>();
    }

    /// <summary>The hub, as the application injects it.</summary>
    public IHub Hub { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The hub's clock, and the <see cref="TimeProvider"/> among the services. It stands still until the test turns it.</summary>
    public HubTestClock Time { get; }

    /// <summary>Starts a hub.</summary>
    /// <param name="map">Maps the rooms, as the application does.</param>
    /// <param name="services">Adds the application's services, and fakes of those that a test must not use.</param>
    /// <param name="options">Sets the hub's options.</param>
    /// <exception cref="LongwireConfigurationException">The mapped rooms have faults.</exception>
    public static async Task<HubTestHost> StartAsync(
        Action<LongwireHubEndpointBuilder>? map = null,
        Action<IServiceCollection>? services = null,
        Action<LongwireHubOptions>? options = null
    )
    {
        var time = new HubTestClock();
        var log = new TestLog();
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.AddProvider(log));
        collection.AddSingleton<TimeProvider>(time);
        collection.AddLongwireHub(hub =>
        {
            hub.TimeProvider = time;
            hub.Node = "test";
            options?.Invoke(hub);
        });
        services?.Invoke(collection);
        ServiceProvider provider = collection.BuildServiceProvider(validateScopes: true);
        try
        {
            HubMapping mapping = provider.GetRequiredService<HubMapping>();
            map?.Invoke(new LongwireHubEndpointBuilder(mapping, endpoint: null));
            await mapping.StartAsync().ConfigureAwait(false);
            await provider.GetRequiredService<Hub>().StartAsync().ConfigureAwait(false);
            return new HubTestHost(provider, time, log);
        }
        catch
        {
            await provider.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects a client that has signed in.</summary>
    /// <param name="userId">The user's id, and name.</param>
    /// <param name="claims">The user's claims, for policies.</param>
    /// <exception cref="WebSocketClosedException">The hub refused it.</exception>
    public Task<HubTestClient> ConnectAsync(string userId, params Claim[] claims) =>
        ConnectAsync(new HubHandshake { Identity = new HubIdentity(userId) { Claims = claims } });

    /// <summary>Connects a client that has not signed in: a guest, where the hub takes guests.</summary>
    /// <exception cref="WebSocketClosedException">The hub refused it.</exception>
    public Task<HubTestClient> ConnectAsync() => ConnectAsync(HubHandshake.Anonymous);

    /// <summary>Connects a client whose handshake says what a test wants it to say.</summary>
    /// <param name="handshake">The handshake.</param>
    /// <exception cref="WebSocketClosedException">The hub refused it.</exception>
    public async Task<HubTestClient> ConnectAsync(HubHandshake handshake)
    {
        ArgumentNullException.ThrowIfNull(handshake);
        var client = new HubTestClient(_hub, _services.GetRequiredService<HubApplication>().Contracts, _log, handshake);
        await client.ConnectAsync(handshake).ConfigureAwait(false);
        return client;
    }

    /// <summary>
    /// Makes a client that stays up, as applications have it, on the host's clock; the caller disposes of it. Nothing is connected yet.
    /// </summary>
    /// <param name="userId">The user's id, and name; null for a client that has not signed in, or does so by a token.</param>
    /// <param name="configure">Sets its options; null for the defaults.</param>
    /// <param name="claims">The user's claims, for policies.</param>
    public HubClient CreateHubClient(string? userId = null, Action<HubClientOptions>? configure = null, params Claim[] claims)
    {
        HubIdentity? identity = userId is null ? null : new HubIdentity(userId) { Claims = claims };
        var options = new HubClientOptions { TimeProvider = Time, Connect = new HubDialer(_hub, Time, identity).ConnectAsync };
        configure?.Invoke(options);
        return new HubClient("ws://hub.test/", options);
    }

    /// <summary>Stops the hub and disposes of the services.</summary>
    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }
}
