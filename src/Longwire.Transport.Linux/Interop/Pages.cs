using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// Memory of the system itself: it is zero, costs nothing until it is touched, and goes back at once, where the C library would keep what
/// is freed.
/// </summary>
internal static unsafe class Pages
{
    /// <exception cref="Win32Exception">The system has none.</exception>
    public static byte* Map(nuint length)
    {
        void* address = LibC.mmap(null, length, Constants.ProtectReadWrite, Constants.MapPrivate | Constants.MapAnonymous, -1, 0);
        return (nint)address != -1 ? (byte*)address : throw new Win32Exception(Marshal.GetLastSystemError());
    }

    public static void Unmap(void* address, nuint length) => _ = LibC.munmap(address, length);
}
