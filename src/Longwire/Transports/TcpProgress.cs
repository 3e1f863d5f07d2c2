using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Longwire;

/// <summary>Asks the kernel how much of what a TCP socket sent was acknowledged.</summary>
internal static class TcpProgress
{
    // Linux: getsockopt(IPPROTO_TCP, TCP_INFO) fills struct tcp_info, of which these are unsigned numbers in the machine's order.
    private const int Tcp = 6;
    private const int TcpInfo = 11;
    private const int UnacknowledgedSegments = 24;
    private const int AcknowledgedBytes = 120;
    private const int NotSentBytes = 144;
    private const int SegmentBytes = 16;
    private const int NeededBytes = 148;

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
        waiting =
            MemoryMarshal.Read<uint>(information[NotSentBytes..])
            + (
                (long)MemoryMarshal.Read<uint>(information[UnacknowledgedSegments..])
                * MemoryMarshal.Read<uint>(information[SegmentBytes..])
            );
        return true;
    }
}
