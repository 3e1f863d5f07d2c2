namespace Longwire.Hubs.Engines;

/// <summary>The types of publications that are the hub's own. All others are the application's.</summary>
public static class PublicationTypes
{
    /// <summary>What a member says in a room.</summary>
    public const string Message = "message";

    /// <summary>What is said to everyone.</summary>
    public const string Chat = "chat";

    /// <summary>What one user says to another.</summary>
    public const string Direct = "direct";

    /// <summary>What the application tells: an object with <c>title</c>, <c>message</c>, <c>priority</c> and perhaps <c>data</c>.</summary>
    public const string Notification = "notification";
}
