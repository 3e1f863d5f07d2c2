using System.Text.Json;

namespace Longwire;

/// <summary>
/// Names a message's <c>type</c> on the wire, for the hub and its clients. Without it the type is the class's name in kebab-case:
/// <c>UserTyping</c> is <c>user-typing</c>.
/// </summary>
/// <param name="type">The type.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class HubMessageAttribute(string type) : Attribute
{
    /// <summary>The type.</summary>
    public string Type { get; } = type;

    /// <summary>The type on the wire of a class's messages.</summary>
    /// <param name="message">The class.</param>
    public static string TypeOf(Type message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (GetCustomAttribute(message, typeof(HubMessageAttribute), inherit: false) is HubMessageAttribute named)
        {
            return named.Type;
        }

        int tick = message.Name.IndexOf('`', StringComparison.Ordinal);
        return JsonNamingPolicy.KebabCaseLower.ConvertName(tick < 0 ? message.Name : message.Name[..tick]);
    }
}
