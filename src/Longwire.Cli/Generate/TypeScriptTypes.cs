using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Generate;

/// <summary>Writes JSON Schemas as types of TypeScript.</summary>
internal static partial class TypeScriptTypes
{
    /// <summary>Whether a text is the name of a type.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>A property's name: quoted where it has to be.</summary>
    public static string Key(string name) => IsName(name) ? name : Text(name);

    /// <summary>A text as a literal.</summary>
    public static string Text(string text) => $"'{JavaScriptEncoder.Default.Encode(text)}'";

    /// <summary>The type of a schema.</summary>
    public static string Of(JsonNode? schema) =>
        schema switch
        {
            JsonValue value => value.GetValueKind() == JsonValueKind.False ? "never" : "unknown",
            JsonObject node when node["$ref"] is { } reference => reference.GetValue<string>().Split('/')[^1],
            JsonObject node when node["const"] is { } constant => Literal(constant),
            JsonObject node when node["enum"] is JsonArray values => string.Join(" | ", values.Select(Literal)),
            JsonObject node when (node["anyOf"] ?? node["oneOf"]) is JsonArray choices => Union(choices.Select(Of)),
            JsonObject node when node["type"] is JsonArray kinds => Union(kinds.Select(kind => OfKind(node, kind!.GetValue<string>()))),
            JsonObject node when node["type"] is { } kind => OfKind(node, kind.GetValue<string>()),
            JsonObject node when node.ContainsKey("properties") => Properties(node),
            _ => "unknown",
        };

    /// <summary>The types of which a value has one, each once.</summary>
    public static string Union(IEnumerable<string> types) => string.Join(" | ", types.Distinct());

    /// <summary>The properties of an object, between braces.</summary>
    public static string Properties(JsonObject schema)
    {
        HashSet<string> required = [.. schema["required"]?.AsArray().Select(static name => name!.GetValue<string>()) ?? []];
        IEnumerable<string> properties = schema["properties"]!
            .AsObject()
            .Select(property => $"{Key(property.Key)}{(required.Contains(property.Key) ? "" : "?")}: {Of(property.Value)}");
        return $"{{ {string.Join("; ", properties)} }}";
    }

    private static string OfKind(JsonObject schema, string kind) =>
        kind switch
        {
            "integer" => "number",
            "array" => $"{Parenthesized(Of(schema["items"]))}[]",
            "object" when schema["properties"] is JsonObject { Count: > 0 } => Properties(schema),
            "object" when schema["additionalProperties"] is { } values => $"Record<string, {Of(values)}>",
            "object" => "Record<string, unknown>",
            _ => kind,
        };

    private static string Parenthesized(string type) => type.Contains(" | ", StringComparison.Ordinal) ? $"({type})" : type;

    private static string Literal(JsonNode? value) =>
        value is null ? "null"
        : value.GetValueKind() == JsonValueKind.String ? Text(value.GetValue<string>())
        : value.ToJsonString();

    [GeneratedRegex(@"^[\p{L}_$][\p{L}\p{Nd}_$]*$")]
    private static partial Regex Name();
}
