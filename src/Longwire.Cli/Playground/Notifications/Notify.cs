namespace Longwire.Cli.Playground.Notifications;

/// <summary>A visitor sends a notification: to a user, to a room, or to everyone.</summary>
/// <param name="To">user, room or all.</param>
/// <param name="Name">The user's id or the room's name.</param>
/// <param name="Title">The title.</param>
/// <param name="Message">The text.</param>
/// <param name="Priority">low, normal or high.</param>
[HubMessage("notify")]
internal sealed record Notify(string To, string? Name, string Title, string Message, string Priority);
