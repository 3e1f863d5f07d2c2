namespace Longwire.Protocol;

/// <summary>A native decompressor for raw deflate.</summary>
internal sealed unsafe class InflateHandle : ZLibHandle
{
    public InflateHandle(int windowBits) => ThrowIfFailed(ZLibNative.InflateInit2(Stream, -windowBits));

    protected override void End(NativeStream* stream) => ZLibNative.InflateEnd(stream);
}
