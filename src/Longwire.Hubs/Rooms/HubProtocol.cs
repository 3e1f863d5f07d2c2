namespace Longwire.Hubs;

/// <summary>How a connection writes what happens in rooms: once, for all connections that write it the same.</summary>
/// <param name="isMain">Whether it is the one that most connections have; there are two.</param>
internal abstract class HubProtocol(bool isMain)
{
    public bool IsMain => isMain;

    /// <summary>Writes an event.</summary>
    public abstract PreparedMessage Write(RoomEvent told);
}
