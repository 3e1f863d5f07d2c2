using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Longwire.Transport.Linux;

/// <summary>
/// The C library, without marshalling. Nothing here asks for <c>SetLastError</c>: the runtime keeps errno over the way back into managed
/// code, so that it is read only where a call has failed.
/// </summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    [LibraryImport(Library)]
    public static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library)]
    public static partial int accept4(int fd, void* address, int* addressLength, int flags);

    [LibraryImport(Library)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library)]
    public static partial int bind(int fd, void* address, int addressLength);

    [LibraryImport(Library)]
    public static partial int connect(int fd, void* address, int addressLength);

    [LibraryImport(Library)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport(Library)]
    public static partial int close(int fd);

    [LibraryImport(Library)]
    public static partial int getpeername(int fd, void* address, int* addressLength);

    [LibraryImport(Library)]
    public static partial int getsockname(int fd, void* address, int* addressLength);

    [LibraryImport(Library)]
    public static partial int setsockopt(int fd, int level, int option, void* value, int valueLength);

    [LibraryImport(Library)]
    public static partial int getsockopt(int fd, int level, int option, void* value, int* valueLength);

    [LibraryImport(Library)]
    public static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport(Library)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport(Library)]
    public static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport(Library)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, void* registration);

    [LibraryImport(Library)]
    public static partial int epoll_wait(int epoll, void* events, int maximum, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library)]
    public static partial int munmap(void* address, nuint length);

    // io_uring has no wrappers in the C library. Every argument is an integer or a pointer, so the variadic call needs no more than this.
    [LibraryImport(Library)]
    public static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>
    /// The same for calls that never wait, so that the collector may be kept waiting for them. Where every microsecond counts this also
    /// spares what the C library does around a call that might wait, so that its thread could be cancelled within.
    /// </summary>
    [LibraryImport(Library, EntryPoint = "syscall")]
    [SuppressGCTransition]
    public static partial nint syscall_at_once(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
