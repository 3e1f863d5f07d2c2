using System.Net;

namespace Longwire.AspNetCore;

/// <summary>Counts an endpoint's connections against its limits, in all and by IP address. Thread safe.</summary>
internal sealed class ConnectionSlots(int max, int maxPerAddress)
{
    private readonly Dictionary<IPAddress, int> _byAddress = [];
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
                int ofAddress = _byAddress.GetValueOrDefault(address);
                if (ofAddress >= maxPerAddress)
                {
                    return false;
                }

                _byAddress[address] = ofAddress + 1;
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
            if (address is null || !_byAddress.TryGetValue(address, out int ofAddress))
            {
                return;
            }

            if (ofAddress == 1)
            {
                _byAddress.Remove(address);
            }
            else
            {
                _byAddress[address] = ofAddress - 1;
            }
        }
    }
}
