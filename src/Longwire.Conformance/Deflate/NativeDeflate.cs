using System.Runtime.InteropServices;

namespace Longwire.Conformance;

/// <summary>
/// The compressing half of the zlib that ships with .NET, by the entry points that the base library itself uses. The managed classes
/// offer no raw stream with a window below 15 bits, and a suite that says <c>client_max_window_bits=9</c> has to keep to it.
/// </summary>
internal static unsafe partial class NativeDeflate
{
    public const int SyncFlush = 2;

    /// <summary>As <see cref="SyncFlush"/>, and what comes next does not refer to what came before.</summary>
    public const int FullFlush = 3;

    public const int Ok = 0;

    /// <summary>zlib has this code for "nothing more to be done now": no fault.</summary>
    public const int BufferError = -5;

    private const string Library = "libSystem.IO.Compression.Native";

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    public static partial int Init(ZStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int End(ZStream* stream);

    [StructLayout(LayoutKind.Sequential)]
    public struct ZStream
    {
        public byte* NextIn;
        public byte* NextOut;
        public byte* Message;
        public void* State;
        public uint AvailableIn;
        public uint AvailableOut;
    }
}
