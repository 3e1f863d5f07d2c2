using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.AspNetCore;

/// <summary>How long the application's services live, which the container itself doesn't tell.</summary>
internal sealed class RegisteredServices(IServiceCollection services)
{
    /// <summary>How long a service lives; null where it isn't registered.</summary>
    public ServiceLifetime? LifetimeOf(Type type) => Find(type)?.Lifetime;

    /// <summary>
    /// The first scoped service that a constructor of a type takes, itself or by way of transient ones, as "ChatDb", or "Log, which takes
    /// ChatDb". Null for none; what factories take is not known.
    /// </summary>
    public string? FindScoped([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type) =>
        FindScoped(type, []);

    private string? FindScoped(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type,
        HashSet<Type> seen
    )
    {
        IEnumerable<Type> taken = type.GetConstructors()
            .SelectMany(static constructor => constructor.GetParameters())
            .Where(static parameter => !parameter.IsDefined(typeof(FromKeyedServicesAttribute)))
            .Select(static parameter => parameter.ParameterType);
        foreach (Type service in taken)
        {
            ServiceDescriptor? descriptor = Find(service);
            if (descriptor is null or { Lifetime: ServiceLifetime.Singleton } || !seen.Add(service))
            {
                continue;
            }

            if (descriptor.Lifetime == ServiceLifetime.Scoped)
            {
                return service.Name;
            }

            if (descriptor.ImplementationType is { } implementation && FindScoped(implementation, seen) is { } scoped)
            {
                return $"{service.Name}, which takes {scoped}";
            }
        }

        return null;
    }

    private ServiceDescriptor? Find(Type type)
    {
        Type? open = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : null;
        return services.LastOrDefault(descriptor => !descriptor.IsKeyedService && descriptor.ServiceType == type)
            ?? services.LastOrDefault(descriptor => !descriptor.IsKeyedService && descriptor.ServiceType == open);
    }
}
