namespace Longwire.Hubs.Client.Tests;

internal static class RoomTestExtensions
{
    /// <summary>Asks something, which the hub may refuse to those who ask too often, and waits for the answer.</summary>
    public static async Task PresenceOrRefusedAsync(this HubClientRoom room)
    {
        try
        {
            await room.PresenceAsync();
        }
        catch (HubRefusedException)
        {
            // It was answered all the same.
        }
    }
}
