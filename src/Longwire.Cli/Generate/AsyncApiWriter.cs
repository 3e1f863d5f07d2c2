using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Generate;

/// <summary>
/// Writes a hub as an AsyncAPI 3 document: a channel for each template of rooms, whose address is the room's name, and one for the messages
/// that are for no room. All channels share a WebSocket; a message's <c>room</c> says which it is for.
/// </summary>
internal static partial class AsyncApiWriter
{
    private const string NoRoom = "hub";

    private static readonly JsonWriterOptions _options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the document.</summary>
    public static string Write(JsonObject contract)
    {
        var channels = new JsonObject();
        var operations = new JsonObject();
        string application = contract["application"]!.GetValue<string>();
        Add(NoRoom, contract, address: null, []);
        foreach (JsonNode? room in contract["rooms"]!.AsArray())
        {
            JsonNode?[] segments = [.. room!["name"]!.AsArray()];
            string address = string.Join(':', segments.Select(static segment => Part(segment!)));
            string[] parameters = [.. segments.Select(static segment => segment!["parameter"]?.GetValue<string>()).OfType<string>()];
            Add(UniqueKey(channels, address), room.AsObject(), address, parameters);
        }

        var document = new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = application,
                ["version"] = "1.0.0",
                ["description"] = "The rooms and messages of a Longwire hub, from the hub's side: it receives what clients send.",
            },
            ["defaultContentType"] = "application/json",
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject { ["schemas"] = contract["schemas"]!.DeepClone() },
        };
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, _options))
        {
            document.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(json.ToArray()) + "\n";

        void Add(string key, JsonObject of, string? address, string[] parameters)
        {
            var channel = new AsyncApiChannel(key, address, parameters);
            foreach (JsonNode? message in of["messages"]!.AsArray())
            {
                channel.Receive(message!.AsObject());
            }

            foreach (JsonNode? message in of["produced"]!.AsArray())
            {
                channel.Send(message!.AsObject());
            }

            foreach (JsonNode? ask in of["asks"]?.AsArray() ?? [])
            {
                channel.Ask(ask!.AsObject());
            }

            foreach (JsonNode? values in of["map"]?.AsArray() ?? [])
            {
                channel.Change(values!.AsObject());
            }

            channel.AddTo(channels, operations);
        }
    }

    private static string Part(JsonNode segment) =>
        segment["parameter"] is { } parameter ? $"{segment["text"]}{{{parameter}}}{segment["after"]}" : segment["text"]!.GetValue<string>();

    private static string UniqueKey(JsonObject channels, string address)
    {
        string wanted = NoLetters().Replace(address, "-").Trim('-');
        string key = wanted;
        for (int i = 2; key.Length == 0 || key == NoRoom || channels.ContainsKey(key); i++)
        {
            key = $"{wanted}-{i}";
        }

        return key;
    }

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NoLetters();
}
