using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Cli.Playground;

/// <summary>The rooms that the comparison is heard in: nothing but what is said, and enough of it for who was away.</summary>
internal static class Feed
{
    private const int HistoryMessages = 200;
    private static readonly TimeSpan _historyAge = TimeSpan.FromMinutes(1);

    public static void Map(IRoomRouteBuilder hub) => hub.MapRoom("compare:{id}").WithHistory(HistoryMessages, _historyAge);
}
