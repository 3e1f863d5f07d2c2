using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

/// <summary>
/// The JSON of the application's messages, by the metadata that it gave, then by reflection where the application has it.
/// </summary>
internal sealed partial class ClientJson
{
    private static readonly ClientJson _withoutMetadata = new(null);

    private readonly JsonSerializerOptions _options;

    private ClientJson(IJsonTypeInfoResolver? resolver)
    {
        _options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        if (resolver is not null)
        {
            _options.TypeInfoResolverChain.Add(resolver);
        }

        _options.TypeInfoResolverChain.Add(Known.Default);
        if (JsonSerializer.IsReflectionEnabledByDefault)
        {
            AddReflection(_options);
        }

        _options.MakeReadOnly();
    }

    public static ClientJson For(IJsonTypeInfoResolver? resolver) => resolver is null ? _withoutMetadata : new ClientJson(resolver);

    /// <summary>The metadata of a class.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public JsonTypeInfo Of(Type type)
    {
        try
        {
            return _options.GetTypeInfo(type);
        }
        catch (NotSupportedException exception)
        {
            throw new NotSupportedException(
                $"There is no JSON metadata for {type.Name}. Write [JsonSerializable(typeof({type.Name}))] on a JsonSerializerContext, and set Json to it.",
                exception
            );
        }
    }

    public JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Of(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Called only where the application has not turned reflection off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Called only where the application has not turned reflection off.")]
    private static void AddReflection(JsonSerializerOptions options) =>
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());

    /// <summary>The types that any application may receive, or answer with.</summary>
    [JsonSerializable(typeof(HubNotification))]
    [JsonSerializable(typeof(JsonElement))]
    [JsonSerializable(typeof(string))]
    [JsonSerializable(typeof(bool))]
    [JsonSerializable(typeof(int))]
    [JsonSerializable(typeof(long))]
    [JsonSerializable(typeof(double))]
    private sealed partial class Known : JsonSerializerContext;
}
