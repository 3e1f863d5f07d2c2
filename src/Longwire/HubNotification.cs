using System.Text.Json;

namespace Longwire;

/// <summary>Something the application tells a user, a room or everyone.</summary>
/// <param name="Title">The headline.</param>
/// <param name="Message">The text.</param>
[HubMessage("notification")]
public sealed record HubNotification(string Title, string Message)
{
    /// <summary>How urgent it is; the clients decide what it means. Default: <c>normal</c>.</summary>
    public string Priority { get; init; } = "normal";

    /// <summary>Anything else, as JSON.</summary>
    public JsonElement? Data { get; init; }
}
