using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Cli.Playground;

/// <summary>Rooms of any name, to talk in.</summary>
internal static class ChatRooms
{
    private const int HistoryMessages = 200;
    private const int MaxReaders = 1_000;
    private const int BytesOfAReader = 512;
    private static readonly TimeSpan _historyAge = TimeSpan.FromDays(1);

    public static void Map(IRoomRouteBuilder hub) =>
        hub.MapRoom("{**room}")
            .WithPresence()
            .WithHistory(HistoryMessages, _historyAge)
            .WithReadMarkers()
            .WithMap(static map =>
            {
                // Up to where each has read, for the others to see.
                map.OwnKeys("seen/");
                map.MaxKeys = MaxReaders;
                map.MaxBytes = MaxReaders * BytesOfAReader;
            })
            .Relay<Typing>();
}
