using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs;

/// <summary>
/// JSON Schemas of classes, each class once and by its name. A class that only the hub writes has all of its properties; of one that
/// clients write too, those are required that its constructor requires.
/// </summary>
internal sealed class SchemaCatalog
{
    private const string ClassMark = "x-class";
    private const string Reference = "$ref";

    private static readonly JsonSchemaExporterOptions _options = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Mark,
    };

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The schemas of classes by their names.</summary>
    public JsonObject Schemas { get; } = [];

    /// <summary>The schema of a value: of a class, a reference to it.</summary>
    /// <param name="type">The value's type.</param>
    /// <param name="isWritten">Whether only the hub writes it.</param>
    public JsonNode Of(JsonTypeInfo type, bool isWritten) => Lift(type.GetJsonSchemaAsNode(_options), isWritten);

    private static JsonNode Mark(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject node)
        {
            return schema;
        }

        // Numbers may be read from text, but are written as numbers.
        if (node["pattern"] is not null && node["type"] is JsonArray kinds && kinds.Any(IsNumber))
        {
            node.Remove("pattern");
            JsonNode?[] numbers =
            [
                .. kinds.Where(static kind => kind!.GetValue<string>() != "string").Select(static kind => kind!.DeepClone()),
            ];
            node["type"] = numbers.Length == 1 ? numbers[0] : new JsonArray(numbers);
        }

        // A derived class has a discriminator here, and elsewhere may have none.
        if (
            context is { TypeInfo.Kind: JsonTypeInfoKind.Object, BaseTypeInfo: null }
            && (node.ContainsKey("properties") || node.ContainsKey(Reference))
        )
        {
            node[ClassMark] = NameOf(context.TypeInfo.Type) + ' ' + context.TypeInfo.Type.AssemblyQualifiedName;
        }

        return node;
    }

    private static bool IsNumber(JsonNode? kind) => kind?.GetValue<string>() is "integer" or "number";

    private static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}" : name;
    }

    private JsonNode Lift(JsonNode? schema, bool isWritten)
    {
        if (schema is JsonArray array)
        {
            return new JsonArray([.. array.Select(item => Lift(item, isWritten))]);
        }

        if (schema is not JsonObject node)
        {
            return schema!.DeepClone();
        }

        if (node[ClassMark]?.GetValue<string>() is not { } mark)
        {
            return LiftProperties(node, isWritten);
        }

        string name = UniqueName(mark);
        if (!Schemas.ContainsKey(name) && !node.ContainsKey(Reference))
        {
            // In its place before its properties are, which may refer to it.
            Schemas[name] = null;
            JsonObject definition = LiftProperties(node, isWritten);
            definition["type"] = "object";
            if (isWritten && definition["properties"] is JsonObject properties)
            {
                definition["required"] = new JsonArray([.. properties.Select(static property => JsonValue.Create(property.Key))]);
            }

            Schemas[name] = definition;
        }

        var reference = new JsonObject { [Reference] = $"#/components/schemas/{name}" };
        return node["type"] is JsonArray
            ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) }
            : reference;
    }

    private JsonObject LiftProperties(JsonObject node, bool isWritten)
    {
        var lifted = new JsonObject();
        foreach ((string key, JsonNode? value) in node)
        {
            if (key != ClassMark)
            {
                lifted[key] = value is JsonObject or JsonArray ? Lift(value, isWritten) : value?.DeepClone();
            }
        }

        return lifted;
    }

    private string UniqueName(string mark)
    {
        if (!_names.TryGetValue(mark, out string? name))
        {
            string wanted = mark[..mark.IndexOf(' ', StringComparison.Ordinal)];
            name = wanted;
            for (int i = 2; _names.ContainsValue(name); i++)
            {
                name = wanted + i;
            }

            _names.Add(mark, name);
        }

        return name;
    }
}
