using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs;

/// <summary>The type of the values of a map, under the keys that begin with a prefix.</summary>
/// <param name="Prefix">The beginning of the keys.</param>
/// <param name="Json">The type, as System.Text.Json sees it.</param>
internal sealed record MapValues(string Prefix, JsonTypeInfo Json);
