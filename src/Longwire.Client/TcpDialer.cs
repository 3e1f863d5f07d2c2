using System.Net;
using System.Net.Sockets;
using Longwire.Connecting;

namespace Longwire.Client;

/// <summary>Opens TCP connections to a name, or to an address that stands in its place.</summary>
internal static class TcpDialer
{
    /// <summary>Looks up the name and connects to the first of its addresses that answers.</summary>
    /// <exception cref="SocketException">There is no such name, or no address of it takes the connection.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await ResolveAsync(host, Dns.GetHostAddressesAsync, cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(addresses, port, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<IPAddress[]> ResolveAsync(
        string host,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        CancellationToken cancellationToken
    ) =>
        ScopedAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await resolve(host, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);

    public static Task<Socket> ConnectAsync(IPAddress[] addresses, int port, TimeProvider time, CancellationToken cancellationToken) =>
        HappyEyeballs.ConnectAsync(
            addresses,
            (address, over) => ConnectAsync(new IPEndPoint(address, port), over),
            static late => late.Dispose(),
            time,
            cancellationToken
        );

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
