using System.Runtime.InteropServices;

namespace Longwire.LoadGenerator;

/// <summary>The five system calls of the loop. All arguments are blittable, so that a call costs little more than the kernel's part.</summary>
internal static unsafe partial class Native
{
    public const int EpollCtlAdd = 1;
    public const int EpollCtlModify = 3;
    public const uint EpollIn = 0x001;
    public const uint EpollOut = 0x004;
    public const int MessageNoSignal = 0x4000;
    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;

    /// <summary>Linux packs <c>struct epoll_event</c> on x86-64 and on no other machine.</summary>
    public static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where the caller's data lies in <c>struct epoll_event</c>.</summary>
    public static readonly int EventDataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "recv")]
    [SuppressGCTransition] // The socket doesn't block, and this process collects no garbage while it measures.
    public static partial nint Receive(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    [SuppressGCTransition]
    public static partial nint Send(int descriptor, byte* buffer, nint length, int flags);
}
