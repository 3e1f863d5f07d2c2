using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>
/// The live map of a room: its limits, and what clients may change of it. Without a rule only the server does. A change is allowed when
/// one of the rules allows it.
/// </summary>
public sealed class MapOptions
{
    private readonly List<Func<HookScope, MapRule?>> _rules = [];
    private readonly List<(string Prefix, Type Type)> _values = [];

    /// <summary>How many keys the map may have. Default: 100,000. One more is refused as <c>forbidden</c>.</summary>
    public int MaxKeys { get; set; } = 100_000;

    /// <summary>How many bytes its keys and values may take, roughly. Default: 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many changes are kept, so that a member that comes back gets only what changed. Default: 10,000, of at most 4 MiB.
    /// </summary>
    public int Changes { get; set; } = 10_000;

    /// <summary>How long a change is kept. Default: 10 minutes.</summary>
    public TimeSpan ChangeAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Says of which type the values are. A client's value that is not of the type, or not valid by its annotations, is refused as
    /// <c>invalid-format</c>, and nothing is kept that the type doesn't have. <c>longwire generate</c> writes the type into the clients'
    /// contract.
    /// </summary>
    /// <typeparam name="T">The type, which <see cref="IHubRoom.Map{T}"/> of this prefix has too.</typeparam>
    /// <param name="prefix">
    /// The beginning of the keys, as <c>card/</c>; empty for all. Of several with which a key begins the longest counts.
    /// </param>
    public MapOptions Holds<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicConstructors)] T
    >(string prefix = "")
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(prefix);
        _values.Add((prefix, typeof(T)));
        return this;
    }

    /// <summary>
    /// Lets each user alone change its own keys: <c>prefix + userId</c>, and those that go on with a <c>/</c> behind that. A user whose id
    /// has a <c>/</c> has none.
    /// </summary>
    /// <param name="prefix">The beginning of the keys, as <c>cursor/</c>.</param>
    public MapOptions OwnKeys(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Add(prefix, (_, put) => new(IsOwn(put, prefix) ? HubDecision.Accepted : HubDecision.Refused("Forbidden")));
    }

    /// <summary>Lets every member change keys.</summary>
    /// <param name="prefix">The beginning of the keys; empty for all.</param>
    public MapOptions MayPut(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Add(prefix, ask: null);
    }

    /// <summary>Lets members change keys when a hook says so. It runs in the session's turn, behind the rate limits.</summary>
    /// <param name="prefix">The beginning of the keys; empty for all.</param>
    /// <param name="hook">The hook.</param>
    public MapOptions MayPut(string prefix, Func<MapRequest, bool> hook)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(hook);
        return Add(prefix, (_, put) => new(DecisionOf(hook(put))));
    }

    /// <inheritdoc cref="MayPut(string, Func{MapRequest, bool})"/>
    public MapOptions MayPut(string prefix, Func<MapRequest, ValueTask<HubDecision>> hook)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(hook);
        return Add(prefix, (_, put) => hook(put));
    }

    /// <summary>
    /// The same, with parameters bound as minimal APIs bind theirs: the <see cref="MapRequest"/>, values of the room's name, services.
    /// </summary>
    /// <param name="prefix">The beginning of the keys; empty for all.</param>
    /// <param name="hook">The hook; it returns a <see cref="bool"/> or a <see cref="HubDecision"/>, or a task of one.</param>
    [RequiresUnreferencedCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.")]
    [RequiresDynamicCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.")]
    public MapOptions MayPut(string prefix, Delegate hook)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(hook);
        _rules.Add(scope =>
        {
            Type result = HookResult.Converter(hook.Method.ReturnType, typeof(bool)) is null ? typeof(HubDecision) : typeof(bool);
            return HookBinder.Bind(hook, [typeof(MapRequest)], result, scope.Within($"MayPut(\"{prefix}\")")) is { } bound
                ? new MapRule(prefix, async (call, put) => DecisionOf(await bound(call, put).ConfigureAwait(false)))
                : null;
        });
        return this;
    }

    internal MapRule[] Build(HookScope scope) => [.. _rules.Select(rule => rule(scope)).OfType<MapRule>()];

    /// <summary>The types of the values, the longest prefixes first.</summary>
    internal MapValues[] BuildValues(HookScope scope)
    {
        List<MapValues> built = [];
        foreach ((string prefix, Type type) in _values.OrderByDescending(static values => values.Prefix.Length))
        {
            HookScope within = scope.Within($"Holds<{type.Name}>(\"{prefix}\")");
            if (built.Exists(other => other.Prefix == prefix))
            {
                within.AddFault("the keys with this prefix hold another type already. Write Holds once for each prefix.");
            }
            else if (scope.Contracts.FindJson(type, out string? fault) is { } json)
            {
                built.Add(new MapValues(prefix, json));
            }
            else
            {
                within.AddFault(fault!);
            }
        }

        return [.. built];
    }

    private MapOptions Add(string prefix, Func<HubCall, MapRequest, ValueTask<HubDecision>>? ask)
    {
        _rules.Add(_ => new MapRule(prefix, ask));
        return this;
    }

    private static bool IsOwn(MapRequest put, string prefix)
    {
        ReadOnlySpan<char> own = put.Key.AsSpan(prefix.Length);
        return !put.UserId.Contains('/', StringComparison.Ordinal)
            && own.StartsWith(put.UserId, StringComparison.Ordinal)
            && (own.Length == put.UserId.Length || own[put.UserId.Length] == '/');
    }

    private static HubDecision DecisionOf(object? answer) =>
        answer switch
        {
            HubDecision decision => decision,
            true => HubDecision.Accepted,
            false => HubDecision.Refused("Forbidden"),
            _ => throw new InvalidOperationException("The hook has to return a decision, and returned null."),
        };
}
