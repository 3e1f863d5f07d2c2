using System.Reflection;
using System.Runtime.InteropServices;

namespace Longwire.Protocol;

/// <summary>The zlib that ships with .NET, called directly.</summary>
/// <remarks>
/// <para>
/// Why not <c>DeflateStream</c>: permessage-deflate needs raw deflate with a chosen window (9–15), a memory level, a flush that ends on
/// a byte, and one compressor that starts afresh for the next message. The public types offer a level and a flush, no window and no
/// reset, so each message without context takeover would cost a new stream of 350 KB. Why not a package: the managed ones are several
/// times slower, and a native one would ship a second zlib beside the one (zlib-ng 2.2) that every .NET installation has and patches.
/// </para>
/// <para>
/// The price is that the entry points are the runtime's own and no public contract. They have been stable since .NET 5 in what is used
/// here; <see cref="PerMessageDeflate.IsSupported"/> tries them once and compression is simply not negotiated where one is missing.
/// There is no <c>DeflateReset</c> among them since .NET 10: <see cref="MessageDeflater"/> tells how it does without.
/// </para>
/// </remarks>
internal static unsafe partial class ZLibNative
{
    private const string Library = "libSystem.IO.Compression.Native";

    public const int NoFlush = 0;
    public const int SyncFlush = 2;
    public const int FullFlush = 3;
    public const int Block = 5;

    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int DataError = -3;
    public const int MemoryError = -4;
    public const int BufferError = -5;

    public const int Deflated = 8;
    public const int DefaultStrategy = 0;

    static ZLibNative()
    {
        // The library has no "lib" in front on Windows. Elsewhere the name must be exactly this one: a single-file application has the
        // functions linked in and finds them by it.
        if (OperatingSystem.IsWindows())
        {
            NativeLibrary.SetDllImportResolver(typeof(ZLibNative).Assembly, ResolveOnWindows);
        }
    }

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    public static partial int DeflateInit2(NativeStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(NativeStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int DeflateEnd(NativeStream* stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    public static partial int InflateInit2(NativeStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(NativeStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateReset2_")]
    public static partial int InflateReset2(NativeStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int InflateEnd(NativeStream* stream);

    private static nint ResolveOnWindows(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library ? NativeLibrary.Load("System.IO.Compression.Native", assembly, path) : 0;
}
