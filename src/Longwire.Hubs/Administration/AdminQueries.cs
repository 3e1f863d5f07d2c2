using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>This node as an administrator sees it.</summary>
internal sealed class AdminQueries(Hub hub, AdminRates rates)
{
    private const int MaxShown = 500;
    private const int UsuallyShown = 100;
    private const int MaxRoomsShown = 20;

    /// <summary>The state of the node.</summary>
    public AdminStatus Status(AdminCaller caller)
    {
        var transports = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int behind = 0;
        foreach (HubSession session in hub.Sessions)
        {
            if (session.Link is { } link)
            {
                transports[link.Transport] = transports.GetValueOrDefault(link.Transport) + 1;
                behind += link.WaitingBytes > 0 ? 1 : 0;
            }
        }

        (double received, double sent, double rejected) = rates.Take();
        return new AdminStatus(
            hub.Node,
            hub.IsReady,
            caller.Role,
            caller.Rights.HasFlag(AdminRights.Act),
            caller.Rights.HasFlag(AdminRights.Contents)
        )
        {
            Connections = hub.ConnectionCount,
            MaxConnections = hub.Context.Settings.MaxConnections,
            Rooms = hub.RoomCount,
            Transports = transports,
            ReceivedPerSecond = received,
            SentPerSecond = sent,
            RejectedPerSecond = rejected,
            Behind = behind,
        };
    }

    /// <summary>
    /// The sessions of a user by part of the id or name, of an address by its beginning, of a room by its name; the slow ones first where
    /// <c>slow</c> is asked for.
    /// </summary>
    public AdminConnections Connections(IQueryCollection query)
    {
        string user = query["user"].ToString();
        string address = query["address"].ToString();
        string room = query["room"].ToString();
        bool isSlow = query["slow"].Count > 0;
        HubSession[] found =
        [
            .. hub.Sessions.Where(session =>
                IsOf(session, user)
                && (address.Length == 0 || (AddressOf(session)?.StartsWith(address, StringComparison.OrdinalIgnoreCase) ?? false))
                && (room.Length == 0 || session.Rooms.Contains(room))
                && (!isSlow || session.Link is { WaitingBytes: > 0 })
            ),
        ];
        IEnumerable<HubSession> ordered = isSlow
            ? found.OrderByDescending(static session => session.Link?.WaitingBytes)
            : found.OrderBy(static session => session.Identity?.UserId, StringComparer.Ordinal);
        return new AdminConnections(found.Length, [.. ordered.Take(LimitOf(query)).Select(Show)]);
    }

    /// <summary>
    /// The rooms of this node by part of their names, those with the most members first; the hub's own for a name that begins as theirs do.
    /// </summary>
    public AdminRooms Rooms(IQueryCollection query)
    {
        string name = query["name"].ToString();
        bool isOwn = RoomNames.IsOwn(name);
        Room[] found =
        [
            .. hub.Rooms.All.Where(room =>
                RoomNames.IsOwn(room.Name) == isOwn && room.Name.Contains(name, StringComparison.OrdinalIgnoreCase)
            ),
        ];
        return new AdminRooms(
            found.Length,
            [
                .. found
                    .OrderByDescending(static room => room.Members)
                    .ThenBy(static room => room.Name, StringComparer.Ordinal)
                    .Take(LimitOf(query))
                    .Select(static room => new AdminRoom(room.Name, room.Members, room.Position.Offset, room.Waiting)),
            ]
        );
    }

    /// <summary>The bans of users and addresses on all nodes, by part of their names, the newest first.</summary>
    public AdminBans Bans(IQueryCollection query)
    {
        string name = query["name"].ToString();
        AccessBlock[] found = [.. hub.Sessions.Access.Bans.Where(ban => ban.Name.Contains(name, StringComparison.OrdinalIgnoreCase))];
        return new AdminBans(
            found.Length,
            [
                .. found
                    .OrderByDescending(static ban => ban.Since)
                    .ThenBy(static ban => ban.Name, StringComparer.Ordinal)
                    .Take(LimitOf(query))
                    .Select(Show),
            ]
        );
    }

    private static AdminBan Show(AccessBlock ban)
    {
        bool isUser = ban.Kind == AccessBlockKind.BannedUser;
        DateTimeOffset? until = ban.Until == DateTimeOffset.MaxValue ? null : ban.Until;
        return new AdminBan(isUser ? ban.Name : null, isUser ? null : ban.Name, ban.Since, until);
    }

    private static bool IsOf(HubSession session, string user) =>
        user.Length == 0
        || (
            session.Identity is { } identity
            && (
                identity.UserId.Contains(user, StringComparison.OrdinalIgnoreCase)
                || identity.Username.Contains(user, StringComparison.OrdinalIgnoreCase)
            )
        )
        || session.ClientId == user;

    private static AdminConnection Show(HubSession session)
    {
        IReadOnlyList<string> rooms = session.Rooms;
        HubLink? link = session.Link;
        return new AdminConnection(session.ClientId, session.Identity?.UserId, session.Identity?.Username, AddressOf(session))
        {
            Transport = link?.Transport,
            Connected = link is not null,
            WaitingBytes = link?.WaitingBytes ?? 0,
            RoomCount = rooms.Count,
            Rooms = [.. rooms.Take(MaxRoomsShown)],
        };
    }

    private static string? AddressOf(HubSession session) =>
        session.RemoteAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;

    private static int LimitOf(IQueryCollection query) =>
        int.TryParse(query["limit"], out int limit) && limit > 0 ? Math.Min(limit, MaxShown) : UsuallyShown;
}
