using System.Runtime.InteropServices;

namespace Longwire.Protocol;

/// <summary>
/// Owns one native stream. A safe handle, so that a connection that was never disposed leaks nothing and a dispose that races with a call
/// waits for that call instead of pulling the memory from under it.
/// </summary>
internal abstract unsafe class ZLibHandle : SafeHandle
{
    protected ZLibHandle()
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(NativeStream)));

    public override bool IsInvalid => handle == 0;

    /// <summary>The native stream. Only to be used between <see cref="SafeHandle.DangerousAddRef"/> and its release.</summary>
    public NativeStream* Stream => (NativeStream*)handle;

    protected abstract void End(NativeStream* stream);

    protected override bool ReleaseHandle()
    {
        // Null when the library was not found or the first allocation failed: then there is nothing to end.
        if (Stream->InternalState is not null)
        {
            End(Stream);
        }

        NativeMemory.Free(Stream);
        return true;
    }

    protected void ThrowIfFailed(int result)
    {
        if (result == ZLibNative.Ok)
        {
            return;
        }

        Dispose();
        throw result == ZLibNative.MemoryError
            ? new InsufficientMemoryException("zlib found no memory for a stream.")
            : new InvalidOperationException($"zlib refused the stream's settings ({result}).");
    }
}
