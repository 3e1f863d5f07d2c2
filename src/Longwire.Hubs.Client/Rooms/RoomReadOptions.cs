namespace Longwire.Hubs.Client;

/// <summary>How a room is read.</summary>
public sealed record RoomReadOptions
{
    /// <summary>How many of the newest messages to have first, of all types together. Default 0.</summary>
    public int History { get; set; }
}
