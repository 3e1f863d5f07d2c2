namespace Longwire.Hubs;

/// <summary>
/// Names a message's <c>type</c> on the wire. Without it the type is the class's name in kebab-case: <c>UserTyping</c> is
/// <c>user-typing</c>.
/// </summary>
/// <param name="type">The type.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class HubMessageAttribute(string type) : Attribute
{
    /// <summary>The type.</summary>
    public string Type { get; } = type;
}
