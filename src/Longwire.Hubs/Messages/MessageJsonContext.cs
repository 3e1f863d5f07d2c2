using System.Text.Json.Serialization;

namespace Longwire.Hubs;

/// <summary>JSON metadata that the application gave the hub, and no one else.</summary>
internal sealed record MessageJsonContext(JsonSerializerContext Context);
