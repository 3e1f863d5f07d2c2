using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>Rare operations on a bare descriptor: names, options, closing.</summary>
internal static unsafe class Descriptor
{
    // struct sockaddr_un, the largest address that we meet.
    private const int AddressBytes = 128;

    public static EndPoint? RemoteEndPoint(int fd)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = AddressBytes;
        return LibC.getpeername(fd, address, &length) == 0 ? Parse(new ReadOnlySpan<byte>(address, length)) : null;
    }

    public static EndPoint? LocalEndPoint(int fd)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = AddressBytes;
        return LibC.getsockname(fd, address, &length) == 0 ? Parse(new ReadOnlySpan<byte>(address, length)) : null;
    }

    // struct sockaddr_in:  family (2, machine order), port (2), address (4)
    // struct sockaddr_in6: family (2), port (2), flow (4), address (16), scope (4, machine order)
    public static EndPoint? Parse(ReadOnlySpan<byte> address)
    {
        if (address.Length < 2)
        {
            return null;
        }

        ushort family = MemoryMarshal.Read<ushort>(address);
        return family switch
        {
            2 when address.Length >= 8 => new IPEndPoint(new IPAddress(address.Slice(4, 4)), (address[2] << 8) | address[3]),
            10 when address.Length >= 28 => new IPEndPoint(
                new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])),
                (address[2] << 8) | address[3]
            ),
            1 => new UnixDomainSocketEndPoint(UnixPath(address[2..])),
            _ => null,
        };
    }

    /// <summary>Makes the coming close a reset (RST): what was not sent yet is dropped, nothing lingers.</summary>
    public static void ResetOnClose(int fd)
    {
        long linger = 1; // struct linger { int on = 1; int seconds = 0; }
        _ = LibC.setsockopt(fd, Constants.SolSocket, Constants.SoLinger, &linger, sizeof(long));
    }

    /// <summary>One more than the highest descriptor that the process may open.</summary>
    public static int Limit()
    {
        ResourceLimit limit = default;
        return LibC.getrlimit(Constants.LimitNumberOfFiles, &limit) == 0 ? (int)Math.Min(limit.Soft, int.MaxValue) : int.MaxValue;
    }

    /// <summary>The descriptor that the next file would get (the kernel takes the lowest that is free), or one beyond all limits.</summary>
    public static int Next()
    {
        int descriptor = LibC.eventfd(0, Constants.EventFdCloseOnExec);
        if (descriptor < 0)
        {
            return int.MaxValue;
        }

        _ = LibC.close(descriptor);
        return descriptor;
    }

    public static int TakeError(int fd)
    {
        int error = 0,
            length = sizeof(int);
        return LibC.getsockopt(fd, Constants.SolSocket, Constants.SoError, &error, &length) == 0 ? error : Marshal.GetLastSystemError();
    }

    /// <summary>
    /// How many bytes the peer of a TCP socket has acknowledged, and about how many it has yet to; false for other sockets.
    /// </summary>
    public static bool TryGetPeerProgress(int fd, out long taken, out long waiting)
    {
        // struct tcp_info: unacknowledged segments at 24, acknowledged bytes at 120, bytes not sent yet at 144, sent at 200, sent again at
        // 208.
        const int Tcp = 6;
        const int TcpInfo = 11;
        const int InformationBytes = 216;
        byte* information = stackalloc byte[InformationBytes];
        int length = InformationBytes;
        taken = waiting = 0;
        if (LibC.getsockopt(fd, Tcp, TcpInfo, information, &length) != 0 || length < InformationBytes)
        {
            return false;
        }

        taken = *(long*)(information + 120);
        // The kernel may count the handshake's SYN among the acknowledged bytes.
        long sent = *(long*)(information + 200) - *(long*)(information + 208);
        waiting = *(uint*)(information + 144) + Math.Max(sent - taken, *(uint*)(information + 24));
        return true;
    }

    private static string UnixPath(ReadOnlySpan<byte> path)
    {
        // A client's end of a Unix socket has no name; .NET wants at least one character.
        int end = path.IndexOf((byte)0);
        if (end >= 0)
        {
            path = path[..end];
        }

        return path.IsEmpty ? "@" : System.Text.Encoding.UTF8.GetString(path);
    }
}
