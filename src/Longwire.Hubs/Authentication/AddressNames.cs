using System.Net;
using System.Net.Sockets;

namespace Longwire.Hubs;

/// <summary>
/// The names by which bans know addresses and networks, as <c>10.0.0.1</c> and <c>10.0.0.0/8</c>. Of IPv6 the network of 64 bits counts as
/// one address. Thread-safe.
/// </summary>
internal sealed class AddressNames
{
    /// <summary>One client can have all addresses of an IPv6 network of this length, in bits.</summary>
    private const int ClientLength = 64;

    // The lengths of the networks that were ever named, each once; at most 33 and 65.
    private volatile int[] _ipv4 = [];
    private volatile int[] _ipv6 = [];

    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] network = address.GetAddressBytes();
            network.AsSpan(ClientLength / 8).Clear();
            address = new IPAddress(network);
        }

        return address.ToString();
    }

    public static string Of(IPNetwork network)
    {
        (IPAddress address, int length) = (network.BaseAddress, network.PrefixLength);
        if (address.IsIPv4MappedToIPv6 && length >= 96)
        {
            (address, length) = (address.MapToIPv4(), length - 96);
        }

        int whole = address.AddressFamily == AddressFamily.InterNetwork ? 32 : ClientLength;
        return length >= whole ? Of(address) : new IPNetwork(address, length).ToString();
    }

    /// <summary>Whether an address is the one named, or is in the network named.</summary>
    public static bool Includes(string name, IPAddress address) =>
        name.Contains('/', StringComparison.Ordinal)
            ? IPNetwork.TryParse(name, out IPNetwork network) && network.Contains(Unmapped(address))
            : Of(address) == name;

    /// <summary>From here on networks as long as this one, if it is one, are among those of an address.</summary>
    public void Note(string name)
    {
        if (!IPNetwork.TryParse(name, out IPNetwork network))
        {
            return;
        }

        int length = network.PrefixLength;
        lock (this)
        {
            if (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            {
                _ipv4 = _ipv4.Contains(length) ? _ipv4 : [.. _ipv4, length];
            }
            else
            {
                _ipv6 = _ipv6.Contains(length) ? _ipv6 : [.. _ipv6, length];
            }
        }
    }

    /// <summary>The names of the networks that an address is in, of the lengths that were named.</summary>
    public IEnumerable<string> NetworksOf(IPAddress address)
    {
        address = Unmapped(address);
        foreach (int length in address.AddressFamily == AddressFamily.InterNetwork ? _ipv4 : _ipv6)
        {
            byte[] bytes = address.GetAddressBytes();
            int whole = length / 8;
            if (whole < bytes.Length)
            {
                bytes[whole] &= (byte)~(0xFF >> (length % 8));
                bytes.AsSpan(whole + 1).Clear();
            }

            yield return new IPNetwork(new IPAddress(bytes), length).ToString();
        }
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
