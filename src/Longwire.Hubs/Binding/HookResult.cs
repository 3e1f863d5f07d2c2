using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Longwire.Hubs;

/// <summary>Turns what hooks return, as it is or in a task, into one form.</summary>
[RequiresUnreferencedCode("Results are read by reflection.")]
[RequiresDynamicCode("Results are read by reflection.")]
internal static class HookResult
{
    private static readonly ConcurrentDictionary<Type, Func<object?, ValueTask<object?>>> _converters = new();
    private static readonly MethodInfo _ofTask = Method(nameof(OfTaskAsync));
    private static readonly MethodInfo _ofValueTask = Method(nameof(OfValueTaskAsync));

    /// <summary>How a return type is awaited; null when what comes is not of the type expected.</summary>
    /// <param name="returned">The hook's return type.</param>
    /// <param name="expected">The type that it has to give; null for any.</param>
    public static Func<object?, ValueTask<object?>>? Converter(Type returned, Type? expected)
    {
        if (returned.IsConstructedGenericType && returned.GetGenericTypeDefinition() is var definition)
        {
            MethodInfo? method =
                definition == typeof(Task<>) ? _ofTask
                : definition == typeof(ValueTask<>) ? _ofValueTask
                : null;
            if (method is not null)
            {
                Type result = returned.GetGenericArguments()[0];
                return IsExpected(result, expected)
                    ? _converters.GetOrAdd(
                        returned,
                        _ => method.MakeGenericMethod(result).CreateDelegate<Func<object?, ValueTask<object?>>>()
                    )
                    : null;
            }
        }

        return returned == typeof(Task)
            ? expected is null
                ? OfTaskAsync
                : null
            : returned == typeof(ValueTask)
                ? expected is null
                    ? OfValueTaskAsync
                    : null
                : IsExpected(returned, expected)
                    ? static value => new ValueTask<object?>(value)
                    : null;
    }

    private static bool IsExpected(Type result, Type? expected) => expected is null || expected.IsAssignableFrom(result);

    private static async ValueTask<object?> OfTaskAsync(object? task)
    {
        await ((Task)task!).ConfigureAwait(false);
        return null;
    }

    private static async ValueTask<object?> OfValueTaskAsync(object? task)
    {
        await ((ValueTask)task!).ConfigureAwait(false);
        return null;
    }

    private static async ValueTask<object?> OfTaskAsync<T>(object? task) => await ((Task<T>)task!).ConfigureAwait(false);

    private static async ValueTask<object?> OfValueTaskAsync<T>(object? task) => await ((ValueTask<T>)task!).ConfigureAwait(false);

    private static MethodInfo Method(string name) =>
        typeof(HookResult)
            .GetMember(name, BindingFlags.NonPublic | BindingFlags.Static)
            .Cast<MethodInfo>()
            .Single(method => method.IsGenericMethod);
}
