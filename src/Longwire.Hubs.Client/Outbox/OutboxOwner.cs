namespace Longwire.Hubs.Client;

/// <summary>Whose publications are, as text that can be kept: <c>=ann</c> a user, <c>?Bq3</c> a guest.</summary>
internal static class OutboxOwner
{
    public static string Of(string userId, string clientId) => (userId == clientId ? "?" : "=") + userId;

    public static bool IsGuest(string owner) => owner.StartsWith('?');
}
