using Longwire.Hubs;

namespace Longwire.Cli.Playground.Notifications;

/// <summary>Hands notifications on. For demonstrations alone: anybody may notify anybody.</summary>
internal static class Notifier
{
    private const int MaxCharacters = 1_000;
    private static readonly string[] _priorities = ["low", "normal", "high"];

    public static void Map(LongwireHubEndpointBuilder hub, IHub notifier) =>
        hub.On<Notify, string>(async (request, notify) => await SendAsync(notifier, request, notify));

    private static async ValueTask<string> SendAsync(IHub hub, HubRequest request, Notify notify)
    {
        if (notify.Title.Length + notify.Message.Length > MaxCharacters || !_priorities.Contains(notify.Priority))
        {
            return "It is too long, or of no known priority.";
        }

        var notification = new HubNotification(notify.Title, notify.Message) { Priority = notify.Priority };
        switch (notify.To)
        {
            case "all":
                await hub.All.NotifyAsync(notification);
                return "";
            case "room" when notify.Name is { Length: > 0 } room:
                await hub.Room(room).NotifyAsync(notification);
                return "";
            case "user" when notify.Name is { Length: > 0 } user:
                await hub.User(user).NotifyAsync(notification);
                return "";
            default:
                return "It says to nobody whom it is for.";
        }
    }
}
