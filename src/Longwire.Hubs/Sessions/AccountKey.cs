using System.Net;

namespace Longwire.Hubs;

/// <summary>Whose account it is: a user's, or, where there is no user, an address's.</summary>
internal readonly record struct AccountKey(bool IsUser, string Name)
{
    public static AccountKey OfUser(string userId) => new(IsUser: true, userId);

    public static AccountKey OfAddress(IPAddress address) => new(IsUser: false, AddressNames.Of(address));
}
