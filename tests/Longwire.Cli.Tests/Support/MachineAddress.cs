using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Longwire.Cli.Tests;

/// <summary>The address by which others reach this machine.</summary>
internal static class MachineAddress
{
    /// <summary>Loopback where the machine has no other.</summary>
    public static IPAddress Value { get; } =
        NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
            .Select(static address => address.Address)
            .FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        ?? IPAddress.Loopback;
}
