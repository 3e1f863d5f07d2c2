using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Claims;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>
/// Binds the parameters of a hook as minimal APIs bind theirs: what the call is about by type, values of the room's name by parameter name,
/// services, the user, a token of the call's end.
/// </summary>
[RequiresUnreferencedCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func or an Action.")]
[RequiresDynamicCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func or an Action.")]
internal static class HookBinder
{
    /// <summary>Binds a hook.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="given">The types of the values that come with each call, in order.</param>
    /// <param name="result">The type that the hook returns, itself or in a task; null for any.</param>
    /// <param name="scope">Where the hook is.</param>
    /// <returns>Calls the hook with the values that come with the call; null when it can't be bound: the scope has the faults.</returns>
    public static BoundHook? Bind(Delegate hook, Type[] given, Type? result, HookScope scope)
    {
        MethodInfo method = hook.Method;
        Func<object?, ValueTask<object?>>? convert = HookResult.Converter(method.ReturnType, result);
        if (convert is null)
        {
            scope.AddFault($"it returns {method.ReturnType.Name}. It has to return {result!.Name}, or a Task or ValueTask of that.");
        }

        ParameterInfo[] parameters = method.GetParameters();
        Func<HubCall, object?[], object?>?[] sources = [.. parameters.Select(parameter => Bind(parameter, given, scope))];
        return convert is null || Array.Exists(sources, static source => source is null) ? null : CallAsync;

        ValueTask<object?> CallAsync(HubCall call, object?[] values)
        {
            object?[] arguments = new object?[sources.Length];
            for (int i = 0; i < arguments.Length; i++)
            {
                arguments[i] = sources[i]!(call, values);
            }

            // Without a wrapper around what the hook throws.
            return convert(method.Invoke(hook.Target, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        }
    }

    private static Func<HubCall, object?[], object?>? Bind(ParameterInfo parameter, Type[] given, HookScope scope)
    {
        Type type = parameter.ParameterType;
        int index = Array.FindIndex(given, type.IsAssignableFrom);
        if (index >= 0 && type != typeof(object))
        {
            return (_, values) => values[index];
        }

        return type == typeof(ClaimsPrincipal) ? static (call, _) => call.User
            : type == typeof(CancellationToken) ? static (call, _) => call.Ended
            : type == typeof(IHubSession) ? static (call, _) => call.Session
            : type == typeof(IServiceProvider) ? static (call, _) => call.Services
            : BindValue(parameter, scope) ?? BindService(parameter, scope) ?? Unknown(parameter, scope);
    }

    private static Func<HubCall, object?[], object?>? BindValue(ParameterInfo parameter, HookScope scope)
    {
        string? name = scope.Parameters.FirstOrDefault(known => string.Equals(known, parameter.Name, StringComparison.OrdinalIgnoreCase));
        if (name is null || TextParser.For(parameter.ParameterType) is not { } read)
        {
            return null;
        }

        // A name with a value that is not of the type is a room that there isn't.
        return (call, _) =>
            call.Values is { } values && read(values[name], out object? value)
                ? value
                : throw new UnknownRoomException(
                    $"The value \"{name}\" of the room's name is not of the type {parameter.ParameterType.Name}."
                );
    }

    private static Func<HubCall, object?[], object?>? BindService(ParameterInfo parameter, HookScope scope)
    {
        Type type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { Key: { } key })
        {
            return (call, _) => ((IKeyedServiceProvider)call.Services).GetRequiredKeyedService(type, key);
        }

        if (scope.Services.GetService<IServiceProviderIsService>()?.IsService(type) == true)
        {
            return (call, _) => call.Services.GetRequiredService(type);
        }

        if (!parameter.GetCustomAttributes().OfType<IFromServiceMetadata>().Any())
        {
            return null;
        }

        return parameter.HasDefaultValue || new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable
            ? (call, _) => call.Services.GetService(type)
            : (call, _) => call.Services.GetRequiredService(type);
    }

    private static Func<HubCall, object?[], object?>? Unknown(ParameterInfo parameter, HookScope scope)
    {
        string known = scope.Parameters.Count == 0 ? "which has none" : string.Join(", ", scope.Parameters);
        string? meant = scope.Parameters.FirstOrDefault(name =>
            parameter.Name!.StartsWith(name, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(parameter.Name!, StringComparison.OrdinalIgnoreCase)
        );
        scope.AddFault(
            $"the parameter \"{parameter.Name}\" is neither a value of the room's name ({known}) nor a service."
                + (meant is null ? "" : $" Did you mean \"{meant}\"?")
        );
        return null;
    }
}
