namespace Longwire.Hubs.Engines;

/// <summary>The types of publications that are the hub's own. All others are the application's.</summary>
public static class PublicationTypes
{
    /// <summary>A member's message in a room.</summary>
    public const string Message = "message";

    /// <summary>A message to everyone.</summary>
    public const string Chat = "chat";

    /// <summary>A message of one user to another.</summary>
    public const string Direct = "direct";

    /// <summary>
    /// A notification of the application's: an object with <c>title</c>, <c>message</c>, <c>priority</c> and perhaps <c>data</c>.
    /// </summary>
    public const string Notification = "notification";

    /// <summary>
    /// A change of the room's map: the draft's key is the map's, its content the value, empty when the key was removed. It is no
    /// message: it is not part of the history, and does not count as unread.
    /// </summary>
    public const string MapChange = "map-changed";
}
