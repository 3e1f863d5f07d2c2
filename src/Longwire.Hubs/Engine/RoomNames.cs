namespace Longwire.Hubs;

/// <summary>The hub's own rooms. Their names begin with <c>$</c>, and clients reach only <c>$all</c> and <c>$me</c>.</summary>
internal static class RoomNames
{
    /// <summary>The room that every authenticated session is told of.</summary>
    public const string All = "$all";

    /// <summary>The name by which clients know the room of their own user.</summary>
    public const string Me = "$me";

    private const string UserPrefix = IPublicationStore.UserPrefix;

    public static bool IsOwn(string name) => name.StartsWith('$');

    public static string OfUser(string userId) => UserPrefix + userId;

    /// <summary>Whose room it is, if it is a user's.</summary>
    public static bool TryGetUser(string room, out string userId)
    {
        bool isOfUser = room.StartsWith(UserPrefix, StringComparison.Ordinal);
        userId = isOfUser ? room[UserPrefix.Length..] : "";
        return isOfUser;
    }

    /// <summary>The name as its members see it.</summary>
    public static string Shown(string name) => name.StartsWith(UserPrefix, StringComparison.Ordinal) ? Me : name;
}
