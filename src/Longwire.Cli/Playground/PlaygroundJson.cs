using System.Text.Json.Serialization;

namespace Longwire.Cli.Playground;

/// <summary>The messages of the pages.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Typing))]
[JsonSerializable(typeof(Game.Ranks))]
[JsonSerializable(typeof(Dashboard.Figures))]
[JsonSerializable(typeof(Dashboard.Load))]
[JsonSerializable(typeof(Dashboard.Ticket))]
[JsonSerializable(typeof(Notifications.Notify))]
[JsonSerializable(typeof(Streaming.Question))]
[JsonSerializable(typeof(Streaming.Token))]
[JsonSerializable(typeof(Streaming.Answer))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
internal sealed partial class PlaygroundJson : JsonSerializerContext;
