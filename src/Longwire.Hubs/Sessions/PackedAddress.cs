using System.Net;

namespace Longwire.Hubs;

/// <summary>An address of IPv4 in four bytes; that of the same mapped to IPv6 too. Default: none.</summary>
internal readonly struct PackedAddress
{
    private readonly uint _bytes;

    private PackedAddress(uint bytes) => _bytes = bytes;

    /// <summary>The address; null for none.</summary>
    public IPAddress? Address => _bytes == 0 ? null : new IPAddress(_bytes);

    /// <summary>Packs an address. False when it does not fit.</summary>
    public static bool TryPack(IPAddress? address, out PackedAddress packed)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        address = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        packed = address?.TryWriteBytes(bytes, out _) == true ? new PackedAddress(BitConverter.ToUInt32(bytes)) : default;
        return address is null || packed._bytes != 0;
    }
}
