using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>Where in a message a field's value lies, and what kind of value it is. The default is an absent field.</summary>
internal readonly record struct JsonSlice(JsonTokenType Kind, int Start, int Length)
{
    public bool IsPresent => Kind != JsonTokenType.None;

    /// <summary>JavaScript clients write an optional field they don't have as null as often as they leave it out.</summary>
    public bool IsPresentAndNotNull => Kind is not (JsonTokenType.None or JsonTokenType.Null);
}
