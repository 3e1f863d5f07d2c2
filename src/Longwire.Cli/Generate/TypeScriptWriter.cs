using System.Text;
using System.Text.Json.Nodes;

namespace Longwire.Cli.Generate;

/// <summary>Writes a hub as the contract that the npm package's <c>HubClient</c> takes.</summary>
internal static class TypeScriptWriter
{
    /// <summary>Writes a module.</summary>
    /// <param name="contract">The hub.</param>
    /// <param name="name">The contract's name; null for the application's.</param>
    public static string Write(JsonObject contract, string? name)
    {
        string application = contract["application"]!.GetValue<string>();
        var text = new StringBuilder();
        text.Append($"// Written by longwire generate typescript from {application}: changes are lost when it is written again.\n\n");
        text.Append($"/** The rooms and messages of {application}'s hub. */\nexport interface {name ?? DefaultName(application)} {{\n");
        text.Append("  rooms: [\n");
        foreach (JsonNode? room in contract["rooms"]!.AsArray())
        {
            text.Append($"    [{Pattern(room!["name"]!.AsArray())}, {{\n");
            WriteMessages(text, room.AsObject(), "      ", isRoom: true);
            WriteMap(text, room["map"]?.AsArray(), "      ");
            text.Append("    }],\n");
        }

        text.Append("  ];\n");
        WriteMessages(text, contract, "  ", isRoom: false);
        Section(text, "  ", "asks", contract["asks"]!.AsArray().Select(static ask => (Type(ask), Pair("content", ask))));
        text.Append("}\n");
        foreach ((string schema, JsonNode? definition) in contract["schemas"]!.AsObject())
        {
            WriteInterface(text, schema, definition!.AsObject());
        }

        return text.ToString();
    }

    private static void WriteMessages(StringBuilder text, JsonObject of, string indent, bool isRoom)
    {
        JsonNode[] handled = [.. of["messages"]!.AsArray().Select(static message => message!)];
        JsonNode[] all =
        [
            .. handled.Where(static message => message["reply"] is null),
            .. of["produced"]!.AsArray().Select(static message => message!),
        ];
        if (isRoom)
        {
            string content = TypeScriptTypes.Union(all.Where(IsContent).Select(Schema));
            text.Append($"{indent}message: {(content.Length > 0 ? content : (bool)of["readOnly"]! ? "never" : "unknown")};\n");
        }

        Section(
            text,
            indent,
            "messages",
            all.Where(static message => !IsContent(message))
                .GroupBy(Type, Schema)
                .Select(static types => (types.Key, TypeScriptTypes.Union(types)))
        );
        Section(
            text,
            indent,
            "requests",
            handled
                .Where(static message => message["kind"]!.GetValue<string>() == "handle")
                .Select(static message => (Type(message), Pair("request", message)))
        );
    }

    private static void WriteMap(StringBuilder text, JsonArray? map, string indent)
    {
        if (map is { Count: 0 })
        {
            text.Append($"{indent}maps: Record<string, unknown>;\n");
            return;
        }

        Section(
            text,
            indent,
            "maps",
            (map ?? []).Select(static values => (values!["prefix"]!.GetValue<string>(), TypeScriptTypes.Of(values["schema"])))
        );
    }

    private static void Section(StringBuilder text, string indent, string name, IEnumerable<(string Type, string Value)> entries)
    {
        (string Type, string Value)[] all = [.. entries];
        if (all.Length == 0)
        {
            // None, which is another thing than any.
            text.Append($"{indent}{name}: {{}};\n");
            return;
        }

        text.Append($"{indent}{name}: {{\n");
        foreach ((string type, string value) in all)
        {
            text.Append($"{indent}  {TypeScriptTypes.Key(type)}: {value};\n");
        }

        text.Append($"{indent}}};\n");
    }

    private static void WriteInterface(StringBuilder text, string name, JsonObject schema)
    {
        text.Append($"\nexport interface {name} {{\n");
        HashSet<string> required = [.. schema["required"]?.AsArray().Select(static property => property!.GetValue<string>()) ?? []];
        foreach ((string property, JsonNode? type) in schema["properties"]?.AsObject() ?? [])
        {
            text.Append($"  {TypeScriptTypes.Key(property)}{(required.Contains(property) ? "" : "?")}: {TypeScriptTypes.Of(type)};\n");
        }

        text.Append("}\n");
    }

    // A room's name: a literal, or a template with what stands for the parameters.
    private static string Pattern(JsonArray segments)
    {
        string[] parts = [.. segments.Select(static segment => Part(segment!))];
        return segments.All(static segment => segment!["parameter"] is null)
            ? TypeScriptTypes.Text(string.Join(':', segments.Select(static segment => segment!["text"]!.GetValue<string>())))
            : $"`{string.Join(':', parts)}`";
    }

    private static string Part(JsonNode segment)
    {
        string before = Escaped(segment["text"]!.GetValue<string>());
        return segment["parameter"] is null
            ? before
            : $"{before}${{{((bool)segment["isNumber"]! ? "number" : "string")}}}{Escaped(segment["after"]!.GetValue<string>())}";
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("`", "\\`", StringComparison.Ordinal)
            .Replace("$", "\\$", StringComparison.Ordinal);

    private static string Pair(string name, JsonNode? message) =>
        $"{{ {name}: {Schema(message)}; reply: {(message!["reply"] is { } reply ? TypeScriptTypes.Of(reply) : "undefined")} }}";

    private static bool IsContent(JsonNode? message) => Type(message) == "message";

    private static string Type(JsonNode? message) => message!["type"]!.GetValue<string>();

    private static string Schema(JsonNode? message) => TypeScriptTypes.Of(message!["schema"]);

    private static string DefaultName(string application) =>
        string.Concat(application.Split('.', '-', ' ').Where(TypeScriptTypes.IsName).DefaultIfEmpty("Hub")) + "Contract";
}
