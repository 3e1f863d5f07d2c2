namespace Longwire.Protocol;

/// <summary>A native compressor for raw deflate.</summary>
internal sealed unsafe class DeflateHandle : ZLibHandle
{
    public DeflateHandle(CompressorSettings settings) =>
        // A negative window is zlib's way to say: raw, without header and checksum.
        ThrowIfFailed(
            ZLibNative.DeflateInit2(
                Stream,
                settings.Level,
                ZLibNative.Deflated,
                -settings.WindowBits,
                settings.MemoryLevel,
                ZLibNative.DefaultStrategy
            )
        );

    protected override void End(NativeStream* stream) => ZLibNative.DeflateEnd(stream);
}
