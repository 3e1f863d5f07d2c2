using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Longwire;

/// <summary>Asks the kernel how much of what a TCP socket sent was acknowledged.</summary>
internal static class TcpProgress
{
    // Linux: getsockopt(IPPROTO_TCP, TCP_INFO) fills struct tcp_info (Linux 4.19 has all of these), in the machine's order.
    private const int Tcp = 6;
    private const int TcpInfo = 11;
    private const int UnacknowledgedSegments = 24;
    private const int AcknowledgedBytes = 120;
    private const int NotSentBytes = 144;
    private const int SentBytes = 200;
    private const int SentAgainBytes = 208;
    private const int NeededBytes = 216;

    public static bool TryGet(Socket? socket, out long taken, out long waiting)
    {
        taken = waiting = 0;
        if (socket is null || !OperatingSystem.IsLinux())
        {
            return false;
        }

        Span<byte> information = stackalloc byte[NeededBytes];
        try
        {
            if (socket.GetRawSocketOption(Tcp, TcpInfo, information) < NeededBytes)
            {
                return false;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }

        taken = MemoryMarshal.Read<long>(information[AcknowledgedBytes..]);
        long sent = MemoryMarshal.Read<long>(information[SentBytes..]) - MemoryMarshal.Read<long>(information[SentAgainBytes..]);
        // The kernel may count the handshake's SYN among the acknowledged bytes.
        uint segments = MemoryMarshal.Read<uint>(information[UnacknowledgedSegments..]);
        waiting = MemoryMarshal.Read<uint>(information[NotSentBytes..]) + Math.Max(sent - taken, segments);
        return true;
    }
}
