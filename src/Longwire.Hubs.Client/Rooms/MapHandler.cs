using System.Runtime.Versioning;

namespace Longwire.Hubs.Client;

/// <summary>A handler of a map's changes, until it is disposed of.</summary>
[UnsupportedOSPlatform("browser")]
internal sealed class MapHandler(HubClientRoom room, Action<RoomMapChange> handler) : IDisposable
{
    public void Dispose() => room.RemoveMapHandler(handler);
}
