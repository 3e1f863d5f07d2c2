using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>Error numbers of Linux, and what they are called in .NET.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int OutOfMemory = 12;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int BrokenPipe = 32;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;
    public const int InProgress = 115;
    public const int Canceled = 125;

    /// <summary>True where the process or the machine is out of descriptors or memory: waiting helps, retrying at once doesn't.</summary>
    public static bool IsExhaustion(int error) => error is TooManyFiles or TooManyFilesInSystem or NoBuffers or OutOfMemory;

    public static SocketError ToSocketError(int error) =>
        error switch
        {
            0 => SocketError.Success,
            BrokenPipe or ConnectionReset => SocketError.ConnectionReset,
            ConnectionAborted => SocketError.ConnectionAborted,
            TimedOut => SocketError.TimedOut,
            ConnectionRefused => SocketError.ConnectionRefused,
            HostUnreachable => SocketError.HostUnreachable,
            101 => SocketError.NetworkUnreachable,
            98 => SocketError.AddressAlreadyInUse,
            99 => SocketError.AddressNotAvailable,
            13 => SocketError.AccessDenied,
            NoBuffers or OutOfMemory => SocketError.NoBufferSpaceAvailable,
            TooManyFiles or TooManyFilesInSystem => SocketError.TooManyOpenSockets,
            Canceled => SocketError.OperationAborted,
            _ => SocketError.SocketError,
        };
}
