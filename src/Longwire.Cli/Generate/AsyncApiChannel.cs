using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Generate;

/// <summary>A channel of an AsyncAPI document, with its messages and operations.</summary>
/// <param name="key">The channel's key in the document.</param>
/// <param name="address">The room's name, with parameters in braces; null for messages that are for no room.</param>
/// <param name="parameters">The parameters' names.</param>
internal sealed partial class AsyncApiChannel(string key, string? address, string[] parameters)
{
    private readonly JsonObject _messages = [];
    private readonly JsonObject _operations = [];

    /// <summary>Adds messages that clients send, and what becomes of them.</summary>
    public void Receive(JsonObject message)
    {
        string type = TypeOf(message);
        string received = AddMessage(type, "", type, message["schema"]!, isDelivered: false);
        string? answer = message["reply"] is { } reply ? AddAnswer(type, ".answer", "ack", "content", reply) : null;
        AddOperation("receive", type, received, answer);
        if (message["kind"]!.GetValue<string>() != "handle")
        {
            Send(message);
        }
    }

    /// <summary>Adds messages that the hub sends to members.</summary>
    public void Send(JsonObject message)
    {
        string type = TypeOf(message);
        if (!_messages.ContainsKey(KeyOf(type) + ".delivered"))
        {
            AddOperation("send", type, AddMessage(type, ".delivered", type, message["schema"]!, isDelivered: true), answer: null);
        }
    }

    /// <summary>Adds a question to a client.</summary>
    public void Ask(JsonObject ask)
    {
        string type = TypeOf(ask);
        var question = new JsonObject
        {
            ["type"] = Constant("ask"),
            ["id"] = Kind("string"),
            ["method"] = Constant(type),
            ["content"] = ask["schema"]!.DeepClone(),
        };
        string asked = Add(
            KeyOf(type) + ".ask",
            "ask",
            new JsonObject
            {
                ["type"] = "object",
                ["properties"] = question,
                ["required"] = new JsonArray("type", "id", "method", "content"),
            }
        );
        AddOperation("send", type + ".ask", asked, AddAnswer(type, ".reply", "reply", "content", ask["reply"]!));
    }

    /// <summary>Adds the changes of a map, under the keys with a prefix.</summary>
    public void Change(JsonObject values)
    {
        string prefix = values["prefix"]!.GetValue<string>();
        if ((bool)values["putByClients"]!)
        {
            JsonObject put = MapChange("map-put", prefix);
            put["value"] = values["schema"]!.DeepClone();
            put["ifNew"] = Kind("boolean");
            put["ttlMs"] = Kind("integer");
            AddMapChange("receive", "map-put", prefix, put, ["value"]);
            AddMapChange("receive", "map-remove", prefix, MapChange("map-remove", prefix), []);
        }

        JsonObject changed = MapChange("map-changed", prefix);
        changed["value"] = values["schema"]!.DeepClone();
        changed["removed"] = Kind("boolean");
        AddMapChange("send", "map-changed", prefix, changed, ["version", "epoch", "offset", "tag"]);
    }

    /// <summary>Writes the channel and its operations; none where it has no message.</summary>
    public void AddTo(JsonObject channels, JsonObject operations)
    {
        if (_messages.Count == 0 && address is null)
        {
            return;
        }

        var channel = new JsonObject
        {
            ["address"] = address,
            ["messages"] = _messages,
            ["bindings"] = new JsonObject { ["ws"] = new JsonObject() },
        };
        if (parameters.Length > 0)
        {
            channel["parameters"] = new JsonObject(
                parameters.Select(static parameter => KeyValuePair.Create<string, JsonNode?>(parameter, new JsonObject()))
            );
        }

        channels[key] = channel;
        foreach ((string name, JsonNode? operation) in _operations)
        {
            operations[name] = operation!.DeepClone();
        }
    }

    private static string TypeOf(JsonObject message) => message["type"]!.GetValue<string>();

    private static string KeyOf(string type) =>
        string.Concat(type.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_'));

    private static JsonObject Constant(string text) => new() { ["const"] = text };

    private static JsonObject Kind(string kind) => new() { ["type"] = kind };

    private static JsonObject MapChange(string type, string prefix)
    {
        JsonObject key = Kind("string");
        if (prefix.Length > 0)
        {
            // By ECMA-262, as JSON Schema has it.
            key["pattern"] = "^" + Special().Replace(prefix, @"\$&");
        }

        var properties = new JsonObject
        {
            ["type"] = Constant(type),
            ["room"] = Kind("string"),
            ["key"] = key,
        };
        if (type == "map-changed")
        {
            properties["version"] = Kind("integer");
            properties["epoch"] = Kind("string");
            properties["offset"] = Kind("integer");
            properties["tag"] = Kind("string");
        }
        else
        {
            properties["ifVersion"] = Kind("integer");
            properties["id"] = Kind("string");
        }

        return properties;
    }

    private void AddMapChange(string action, string type, string prefix, JsonObject properties, string[] required)
    {
        var payload = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([
                .. ((string[])["type", "room", "key", .. required]).Select(static name => JsonValue.Create(name)),
            ]),
        };
        string name = prefix.Length > 0 ? $"{type}-{prefix}" : type;
        AddOperation(action, name, Add(KeyOf(name), type, payload), answer: null);
    }

    private string AddMessage(string type, string ending, string name, JsonNode schema, bool isDelivered)
    {
        var properties = new JsonObject { ["type"] = Constant(type) };
        var required = new JsonArray("type");
        if (address is not null)
        {
            properties["room"] = Kind("string");
            required.Add((JsonNode)"room");
        }

        if (isDelivered && address is not null)
        {
            foreach (string text in (ReadOnlySpan<string>)["userId", "username", "epoch", "tag"])
            {
                properties[text] = Kind("string");
            }

            properties["offset"] = Kind("integer");
            properties["timestamp"] = Kind("integer");
        }
        else if (!isDelivered)
        {
            properties["id"] = Kind("string");
        }

        // The built-in type carries its class as content; others lie flat.
        string? content = type == "message" ? (isDelivered ? "message" : "content") : null;
        if (content is not null)
        {
            properties[content] = schema.DeepClone();
            required.Add((JsonNode)content);
        }

        var envelope = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
        };
        JsonObject payload = content is not null ? envelope : new JsonObject { ["allOf"] = new JsonArray(envelope, schema.DeepClone()) };
        return Add(KeyOf(type) + ending, name, payload);
    }

    private string AddAnswer(string type, string ending, string name, string content, JsonNode schema)
    {
        var properties = new JsonObject
        {
            ["type"] = Constant(name),
            [name == "reply" ? "to" : "id"] = Kind("string"),
            [content] = schema.DeepClone(),
        };
        return Add(
            KeyOf(type) + ending,
            name,
            new JsonObject
            {
                ["type"] = "object",
                ["properties"] = properties,
                ["required"] = new JsonArray("type", content),
            }
        );
    }

    private string Add(string message, string name, JsonObject payload)
    {
        _messages[message] = new JsonObject { ["name"] = name, ["payload"] = payload };
        return message;
    }

    private void AddOperation(string action, string type, string message, string? answer)
    {
        string channel = $"#/channels/{key}";
        var operation = new JsonObject
        {
            ["action"] = action,
            ["channel"] = Reference(channel),
            ["messages"] = new JsonArray(Reference($"{channel}/messages/{message}")),
        };
        if (answer is not null)
        {
            operation["reply"] = new JsonObject
            {
                ["channel"] = Reference(channel),
                ["messages"] = new JsonArray(Reference($"{channel}/messages/{answer}")),
            };
        }

        _operations[$"{action}.{key}.{KeyOf(type)}"] = operation;
    }

    private static JsonObject Reference(string to) => new() { ["$ref"] = to };

    [GeneratedRegex(@"[$()*+./?\[\\\]^{|}]")]
    private static partial Regex Special();
}
