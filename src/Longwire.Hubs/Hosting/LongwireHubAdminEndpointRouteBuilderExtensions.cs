using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.Hubs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the page and the API of a hub's administrator.</summary>
public static class LongwireHubAdminEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the administrator's page at a path, and its API below <c>api</c> there. As long as <see cref="LongwireHubOptions.Admin"/> has
    /// no token, there is nothing at the path. They show and move this node's connections; kicks, revocations and bans hold on all nodes.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <returns>The conventions of all of it, as <c>RequireHost("*:9090")</c>. A token is needed whatever else is.</returns>
    /// <exception cref="LongwireConfigurationException">The hub's services are missing.</exception>
    public static IEndpointConventionBuilder MapLongwireHubAdmin(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern = "/admin"
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        HubAdmin admin =
            endpoints.ServiceProvider.GetService<HubAdmin>()
            ?? throw new LongwireConfigurationException([
                $"MapLongwireHubAdmin(\"{pattern}\"): the hub's services are missing. "
                    + "Write builder.Services.AddLongwireHub() before builder.Build().",
            ]);
        RouteGroupBuilder group = endpoints.MapGroup(pattern);
        admin.Map(group, endpoints.ServiceProvider);
        return group;
    }
}
