using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Longwire.Hubs;

/// <summary>The policies of ASP.NET Core's authorization that the mapping asks for.</summary>
internal static class RoomPolicies
{
    /// <summary>The policies that a room's metadata asks of users; null for none.</summary>
    public static async ValueTask<AuthorizationPolicy?> FindAsync(EndpointMetadataCollection metadata, HookScope scope)
    {
        IReadOnlyList<IAuthorizeData> asked = metadata.GetOrderedMetadata<IAuthorizeData>();
        IReadOnlyList<AuthorizationPolicy> policies = metadata.GetOrderedMetadata<AuthorizationPolicy>();
        if ((asked.Count == 0 && policies.Count == 0) || metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return null;
        }

        if (scope.Services.GetService<IAuthorizationPolicyProvider>() is not { } provider)
        {
            scope.AddFault("RequireAuthorization needs services. Write builder.Services.AddAuthorization().");
            return null;
        }

        bool isKnown = true;
        foreach (string name in asked.Select(static data => data.Policy).OfType<string>())
        {
            if (await provider.GetPolicyAsync(name).ConfigureAwait(false) is null)
            {
                isKnown = false;
                scope.AddFault(
                    $"no policy \"{name}\" is registered.{Known(scope.Services)} Write AddAuthorizationBuilder().AddPolicy(\"{name}\", …)."
                );
            }
        }

        return isKnown ? await AuthorizationPolicy.CombineAsync(provider, asked, policies).ConfigureAwait(false) : null;
    }

    private static string Known(IServiceProvider services)
    {
        try
        {
            Dictionary<string, Task<AuthorizationPolicy?>> policies = PolicyMap(
                services.GetRequiredService<IOptions<AuthorizationOptions>>().Value
            );
            return policies.Count == 0 ? "" : $" Known: {string.Join(", ", policies.Keys.Order().Select(static name => $"\"{name}\""))}.";
        }
        catch (MissingMethodException)
        {
            // Another version of ASP.NET Core keeps them elsewhere; the error does without the list.
            return "";
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_PolicyMap")]
    private static extern Dictionary<string, Task<AuthorizationPolicy?>> PolicyMap(AuthorizationOptions options);
}
