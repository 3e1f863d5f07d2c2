using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// The system calls that a loop makes for its sockets: the result, or the error number negated. The methods are virtual so that tests
/// can have the kernel be unkind at will; what a virtual call costs is lost beside what the kernel costs.
/// </summary>
internal unsafe class SystemCalls
{
    public static readonly SystemCalls Kernel = new();

    private static readonly nint _sendTo = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 44 : 206;
    private static readonly nint _receiveFrom = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 45 : 207;

    public virtual int Receive(int fd, byte* buffer, int length)
    {
        nint result = LibC.syscall_at_once(_receiveFrom, fd, (nint)buffer, length, Constants.MsgDontWait, 0, 0);
        return result >= 0 ? (int)result : -Marshal.GetLastSystemError();
    }

    public virtual int Send(int fd, byte* buffer, int length)
    {
        nint result = LibC.syscall_at_once(_sendTo, fd, (nint)buffer, length, Constants.MsgDontWait | Constants.MsgNoSignal, 0, 0);
        return result >= 0 ? (int)result : -Marshal.GetLastSystemError();
    }

    public virtual int Send(int fd, IoVector* vectors, int count)
    {
        MessageHeader message = default;
        message.Vectors = vectors;
        message.VectorCount = (nuint)count;
        nint result = LibC.sendmsg(fd, &message, Constants.MsgDontWait | Constants.MsgNoSignal);
        return result >= 0 ? (int)result : -Marshal.GetLastSystemError();
    }

    public virtual int Accept(int listener)
    {
        int result = LibC.accept4(listener, null, null, Constants.SockCloseOnExec);
        return result >= 0 ? result : -Marshal.GetLastSystemError();
    }

    public virtual int OpenSocket(int family, bool nonBlocking)
    {
        int type = Constants.SockStream | Constants.SockCloseOnExec | (nonBlocking ? Constants.SockNonBlock : 0);
        int result = LibC.socket(family, type, 0);
        return result >= 0 ? result : -Marshal.GetLastSystemError();
    }

    public virtual int Connect(int fd, void* address, int addressLength)
    {
        int result = LibC.connect(fd, address, addressLength);
        return result >= 0 ? result : -Marshal.GetLastSystemError();
    }

    public virtual int WaitForEvents(int epoll, void* events, int maximum, int timeoutMilliseconds)
    {
        int result = LibC.epoll_wait(epoll, events, maximum, timeoutMilliseconds);
        return result >= 0 ? result : -Marshal.GetLastSystemError();
    }

    public virtual int EnterRing(int ring, uint submit, uint wait, uint flags, void* argument, int argumentSize)
    {
        nint result = LibC.syscall(IoUring.Enter, ring, (nint)submit, (nint)wait, (nint)flags, (nint)argument, argumentSize);
        return result >= 0 ? (int)result : -Marshal.GetLastSystemError();
    }
}
