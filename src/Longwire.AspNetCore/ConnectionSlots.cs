using System.Net;
using System.Net.Sockets;

namespace Longwire.AspNetCore;

/// <summary>
/// Counts an endpoint's connections against its limits, in all and by IP address. An IPv6 client is counted by its /64 network,
/// as it has all addresses of that; an IPv4 address is the same in its IPv6 form. Thread safe.
/// </summary>
internal sealed class ConnectionSlots(int max, int maxPerAddress)
{
    private const int NetworkBytes = 8;

    private readonly Dictionary<IPAddress, int> _byClient = [];
    private readonly Lock _lock = new();
    private int _count;

    public bool TryTake(IPAddress? address)
    {
        lock (_lock)
        {
            if (_count >= max)
            {
                return false;
            }

            if (address is not null && maxPerAddress != int.MaxValue)
            {
                IPAddress client = ClientOf(address);
                int ofClient = _byClient.GetValueOrDefault(client);
                if (ofClient >= maxPerAddress)
                {
                    return false;
                }

                _byClient[client] = ofClient + 1;
            }

            _count++;
            return true;
        }
    }

    public void Release(IPAddress? address)
    {
        lock (_lock)
        {
            _count--;
            if (address is null)
            {
                return;
            }

            IPAddress client = ClientOf(address);
            if (!_byClient.TryGetValue(client, out int ofClient))
            {
                return;
            }

            if (ofClient == 1)
            {
                _byClient.Remove(client);
            }
            else
            {
                _byClient[client] = ofClient - 1;
            }
        }
    }

    private static IPAddress ClientOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] network = address.GetAddressBytes();
        network.AsSpan(NetworkBytes).Clear();
        return new IPAddress(network);
    }
}
