using System.Net;
using System.Net.Sockets;

namespace Longwire.Hubs;

/// <summary>Whose account it is: a user's, or, where there is no user, an address's.</summary>
internal readonly record struct AccountKey(bool IsUser, string Name)
{
    /// <summary>One client can have all addresses of an IPv6 network of this length.</summary>
    private const int NetworkBytes = 8;

    public static AccountKey OfUser(string userId) => new(IsUser: true, userId);

    public static AccountKey OfAddress(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] network = address.GetAddressBytes();
            network.AsSpan(NetworkBytes).Clear();
            address = new IPAddress(network);
        }

        return new AccountKey(IsUser: false, address.ToString());
    }
}
