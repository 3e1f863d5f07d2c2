using Longwire.Protocol;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Longwire.AspNetCore;

/// <summary>
/// When the application has started: builds its WebSocket endpoints, so that wrong options fail the start and not the first request, and
/// says which hosts their pages may come from, where nobody has.
/// </summary>
internal sealed partial class HostNotice(IServiceProvider services, EndpointDataSource endpoints, ILoggerFactory loggers)
    : IHostedLifecycleService
{
    private static readonly string[] _anyHost = ["*", "[::]", "0.0.0.0"];

    private readonly ILogger _logger = loggers.CreateLogger(HandshakeLog.Category);

    /// <summary>Whether the application names its hosts (AllowedHosts), so that requests with others don't come in.</summary>
    public static bool AreHostsFiltered(IServiceProvider services) =>
        services.GetService<IOptions<HostFilteringOptions>>()?.Value.AllowedHosts is { Count: > 0 } hosts && !hosts.Any(_anyHost.Contains);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        bool takesSameHost = endpoints
            .Endpoints.Select(static endpoint => endpoint.Metadata.GetMetadata<WebSocketEndpointMetadata>())
            .Any(static marker => marker is { TakesSameHost: true });
        ICollection<string> addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (!takesSameHost || addresses.Count == 0 || AreHostsFiltered(services))
        {
            return Task.CompletedTask;
        }

        if (addresses.All(static address => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && LoopbackHost.Matches(uri.Authority)))
        {
            LoopbackNamesOnly();
        }
        else
        {
            AnyHost();
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        4,
        LogLevel.Information,
        "WebSocket endpoints take pages of localhost and of loopback addresses only, as the server listens on loopback. Behind a proxy on "
            + "this machine set AllowedHosts to the site's hosts, or the endpoints' Origins to its pages.",
        EventName = "LoopbackNamesOnly"
    )]
    private partial void LoopbackNamesOnly();

    [LoggerMessage(
        5,
        LogLevel.Information,
        "WebSocket endpoints take pages of whatever host their request names. Where a client is trusted for where it connects from, set "
            + "AllowedHosts: anybody can make a name of his own lead here (DNS rebinding).",
        EventName = "AnyHost"
    )]
    private partial void AnyHost();
}
