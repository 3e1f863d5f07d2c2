using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// An array of <c>struct epoll_event</c>: a 32-bit mask and 64 bits of one's own. On x86-64 the kernel packs it into 12 bytes, elsewhere
/// it takes 16 with the second field at 8.
/// </summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;

    private static readonly int _size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int _dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly byte* _memory;

    public EpollEvents(int capacity)
    {
        Capacity = capacity;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * 16));
    }

    public int Capacity { get; }

    public void* Address => _memory;

    public uint Mask(int index) => *(uint*)(_memory + index * _size);

    public ulong Data(int index) => *(ulong*)(_memory + index * _size + _dataOffset);

    /// <summary>Tells epoll to watch the descriptor; returns 0 or the error number.</summary>
    public static int Watch(int epoll, int descriptor, uint mask, ulong data, int operation = Add)
    {
        byte* registration = stackalloc byte[16];
        *(uint*)registration = mask;
        *(ulong*)(registration + _dataOffset) = data;
        return LibC.epoll_ctl(epoll, operation, descriptor, registration) == 0 ? 0 : Marshal.GetLastSystemError();
    }

    public static void Unwatch(int epoll, int descriptor)
    {
        byte* registration = stackalloc byte[16];
        _ = LibC.epoll_ctl(epoll, Delete, descriptor, registration);
    }

    public void Dispose() => NativeMemory.Free(_memory);
}
