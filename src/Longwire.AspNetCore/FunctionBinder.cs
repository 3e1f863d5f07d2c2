using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Security.Claims;
using Longwire.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Longwire.AspNetCore;

/// <summary>
/// Binds the parameters of a function that serves connections as minimal APIs bind theirs, when the handshake comes: the connection itself,
/// values of the route and of the query by name, services, the user, the token of the connection's end.
/// </summary>
[RequiresUnreferencedCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.")]
internal sealed class FunctionBinder
{
    private readonly Delegate _function;
    private readonly Func<HttpContext, Arguments, object?>[] _parameters;

    public FunctionBinder(Delegate function, RoutePattern path, IServiceProvider services)
    {
        _function = function;
        string pattern = path.RawText ?? "";
        MethodInfo method = function.Method;
        if (method.ReturnType != typeof(Task) && method.ReturnType != typeof(ValueTask))
        {
            throw Fault(pattern, $"the function must return Task or ValueTask, which tell when it is done, not {method.ReturnType.Name}.");
        }

        HashSet<string> route = path.Parameters.Select(static parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _parameters = [.. method.GetParameters().Select(parameter => Bind(parameter, route, pattern, services))];
    }

    /// <summary>Whether a parameter lives no longer than the request.</summary>
    public bool KeepsRequest { get; private set; }

    /// <summary>Takes from a request what its connection needs.</summary>
    /// <param name="context">The request.</param>
    /// <param name="serve">Serves the connection.</param>
    /// <returns>Null, or why the request is refused.</returns>
    public HandshakeRefusal? Bind(HttpContext context, out Func<WebSocketConnection, CancellationToken, Task>? serve)
    {
        var arguments = new Arguments();
        object?[] values = [.. _parameters.Select(parameter => parameter(context, arguments))];
        if (arguments.Fault is not null)
        {
            serve = null;
            return new HandshakeRefusal(StatusCodes.Status400BadRequest, arguments.Fault);
        }

        serve = (connection, token) =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] =
                    ReferenceEquals(values[i], Arguments.Connection) ? connection
                    : ReferenceEquals(values[i], Arguments.Token) ? token
                    : values[i];
            }

            // Without a wrapper around what the function throws.
            object? task = _function.Method.Invoke(_function.Target, BindingFlags.DoNotWrapExceptions, null, values, null);
            return task is ValueTask value ? value.AsTask() : (Task)task!;
        };
        return null;
    }

    private Func<HttpContext, Arguments, object?> Bind(
        ParameterInfo parameter,
        HashSet<string> route,
        string pattern,
        IServiceProvider services
    )
    {
        Type type = parameter.ParameterType;
        if (type == typeof(WebSocketConnection))
        {
            return static (_, _) => Arguments.Connection;
        }

        if (type == typeof(CancellationToken))
        {
            return static (_, _) => Arguments.Token;
        }

        if (type == typeof(ClaimsPrincipal))
        {
            return static (context, _) => context.User;
        }

        if (RequestPart(type) is { } part)
        {
            KeepsRequest = true;
            return part;
        }

        return BindService(parameter, route, services)
            ?? BindText(parameter, route)
            ?? throw Fault(
                pattern,
                $"the parameter \"{parameter.Name}\" of type {type.Name} is neither a service, nor can it be read from the route "
                    + $"({(route.Count == 0 ? "which has no values" : string.Join(", ", route))}) or the query."
            );
    }

    private static Func<HttpContext, Arguments, object?>? RequestPart(Type type) =>
        type == typeof(HttpContext) ? static (context, _) => context
        : type == typeof(HttpRequest) ? static (context, _) => context.Request
        : type == typeof(HttpResponse) ? static (context, _) => context.Response
        : null;

    private Func<HttpContext, Arguments, object?>? BindService(ParameterInfo parameter, HashSet<string> route, IServiceProvider services)
    {
        Type type = parameter.ParameterType;
        bool optional = IsOptional(parameter);
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { Key: { } key })
        {
            KeepsRequest = true;
            return optional
                ? (context, _) => ((IKeyedServiceProvider)context.RequestServices).GetKeyedService(type, key)
                : (context, _) => context.RequestServices.GetRequiredKeyedService(type, key);
        }

        bool asked = parameter.GetCustomAttributes().OfType<IFromServiceMetadata>().Any();
        if (!asked && (route.Contains(parameter.Name!) || services.GetService<IServiceProviderIsService>()?.IsService(type) != true))
        {
            return null;
        }

        // A singleton lives on without the request; of all else that isn't known.
        KeepsRequest |= services.GetRequiredService<RegisteredServices>().LifetimeOf(type) != ServiceLifetime.Singleton;
        return optional
            ? (context, _) => context.RequestServices.GetService(type)
            : (context, _) => context.RequestServices.GetRequiredService(type);
    }

    private static Func<HttpContext, Arguments, object?>? BindText(ParameterInfo parameter, HashSet<string> route)
    {
        if (TextParser.For(parameter.ParameterType) is not { } read)
        {
            return null;
        }

        bool optional = IsOptional(parameter);
        object? missing = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        object[] attributes = parameter.GetCustomAttributes(inherit: true);
        string? header = attributes.OfType<IFromHeaderMetadata>().FirstOrDefault() is { } fromHeader
            ? fromHeader.Name ?? parameter.Name
            : null;
        string name =
            header
            ?? attributes.OfType<IFromRouteMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromQueryMetadata>().FirstOrDefault()?.Name
            ?? parameter.Name!;
        bool fromRoute = header is null && route.Contains(name) && !attributes.OfType<IFromQueryMetadata>().Any();
        return (context, arguments) =>
        {
            string? text =
                header is not null ? NotEmpty(context.Request.Headers[name])
                : fromRoute
                    ? context.GetRouteValue(name) is { } routed ? Convert.ToString(routed, CultureInfo.InvariantCulture)
                        : null
                : NotEmpty(context.Request.Query[name]);
            if (text is null)
            {
                arguments.Fault ??= optional ? null : $"The value \"{name}\" is missing.";
                return missing;
            }

            if (read(text, out object? value))
            {
                return value;
            }

            arguments.Fault ??= $"The value \"{name}\" is not of the type {parameter.ParameterType.Name}.";
            return null;
        };
    }

    private static string? NotEmpty(StringValues values) => values.Count == 0 ? null : values.ToString();

    private static bool IsOptional(ParameterInfo parameter) =>
        parameter.HasDefaultValue || new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;

    private static InvalidOperationException Fault(string pattern, string what) => new($"MapWebSocket(\"{pattern}\"): {what}");

    /// <summary>
    /// The value that a request gives, or why it gives none. The connection and its token stand in for what comes after the handshake.
    /// </summary>
    private sealed class Arguments
    {
        public static readonly object Connection = new();
        public static readonly object Token = new();

        public string? Fault { get; set; }
    }
}
