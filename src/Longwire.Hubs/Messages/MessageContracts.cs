using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs;

/// <summary>
/// The contracts of the application's messages, by the metadata of its JSON contexts, then by reflection where the application has it.
/// </summary>
internal sealed class MessageContracts
{
    /// <summary>
    /// Options by their depth for applications that have no contexts. The results of reflection are kept with them, and a process of tests
    /// makes many hubs.
    /// </summary>
    private static readonly ConcurrentDictionary<int, JsonSerializerOptions> _withoutContexts = new();

    private readonly ConcurrentDictionary<Type, MessageContract> _contracts = new();
    private readonly JsonSerializerOptions _options;

    public MessageContracts(IReadOnlyList<JsonSerializerContext> contexts, int maxDepth) =>
        _options =
            contexts.Count == 0
                ? _withoutContexts.GetOrAdd(maxDepth, static depth => CreateOptions([], depth))
                : CreateOptions(contexts, maxDepth);

    /// <summary>The contract of a class.</summary>
    /// <exception cref="NotSupportedException">There is no metadata for it.</exception>
    public MessageContract Of(Type type) =>
        _contracts.GetOrAdd(type, static (type, options) => new MessageContract(options.GetTypeInfo(type)), _options);

    /// <summary>The same; null without metadata, and a fault to tell the developer.</summary>
    public MessageContract? Find(Type type, out string? fault) => FindJson(type, out fault) is null ? null : Of(type);

    /// <summary>The metadata of any type; null without it, and a fault to tell the developer.</summary>
    public JsonTypeInfo? FindJson(Type type, out string? fault)
    {
        fault = null;
        try
        {
            return JsonOf(type);
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            fault =
                $"there is no JSON metadata for {type.Name}. Write [JsonSerializable(typeof({type.Name}))] on a JsonSerializerContext, and "
                + "AddLongwireHub().AddJsonContext(MyContext.Default).";
            return null;
        }
    }

    /// <summary>The metadata of an answer's type, which may be any.</summary>
    public JsonTypeInfo JsonOf(Type type) => _options.GetTypeInfo(type);

    /// <summary>Writes an answer, which may be any value.</summary>
    public byte[] WriteReply<T>(T reply) => JsonSerializer.SerializeToUtf8Bytes(reply, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));

    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">It is not of the type.</exception>
    public T ReadReply<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)))!;

    private static JsonSerializerOptions CreateOptions(IReadOnlyList<JsonSerializerContext> contexts, int maxDepth)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            MaxDepth = maxDepth,
            // A property that is missing or null is found here, and not by the application.
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        foreach (JsonSerializerContext context in contexts)
        {
            options.TypeInfoResolverChain.Add(context);
        }

        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            AddReflection(options);
        }
        else if (contexts.Count == 0)
        {
            // A hub without typed messages needs no metadata; without any resolver the options could not be used at all.
            options.TypeInfoResolver = JsonTypeInfoResolver.Combine();
        }

        options.MakeReadOnly();
        return options;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Called only where the application has not turned reflection off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Called only where the application has not turned reflection off.")]
    private static void AddReflection(JsonSerializerOptions options) =>
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
}
