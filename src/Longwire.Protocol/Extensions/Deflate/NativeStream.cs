using System.Runtime.InteropServices;

namespace Longwire.Protocol;

/// <summary>
/// The native library's state of one stream. The layout is <c>PAL_ZStream</c> of <c>libSystem.IO.Compression.Native</c>, the same that
/// System.IO.Compression's own <c>ZStream</c> has; a test compares the two field by field.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStream
{
    public byte* NextIn;
    public byte* NextOut;
    public byte* Message;
    public void* InternalState;
    public uint AvailableIn;
    public uint AvailableOut;
}
