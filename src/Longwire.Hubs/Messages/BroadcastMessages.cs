namespace Longwire.Hubs;

/// <summary>Writes what the hub says to many sessions that is about no room.</summary>
internal static class BroadcastMessages
{
    /// <summary><c>user-joined {clients}</c> or <c>user-left {clients}</c>, without a room: somebody connected or left.</summary>
    public static PreparedMessage Connections(bool joined, int clients)
    {
        using var json = JsonBuffer.Rent(joined ? "user-joined"u8 : "user-left"u8);
        json.Writer.WriteNumber("clients"u8, clients);
        return new PreparedMessage(json.End(), MessageType.Text);
    }
}
