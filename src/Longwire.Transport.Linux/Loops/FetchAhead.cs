using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Longwire.Transport.Linux;

/// <summary>
/// Has the processor fetch what the next events will touch, while the present one is handled: with messages of many KiB a connection's own
/// objects have left the cache since its last event, and three times in a row one of them must be there to tell where the next is.
/// </summary>
internal struct FetchAhead
{
    private LoopSocket? _second;
    private LoopSocket? _first;

    /// <summary>To be called for each event.</summary>
    /// <param name="third">The socket of the third event from here; null where there is none, or it is no socket's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(LoopSocket? third)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        if (_first?.State is LoopTransport { Carried: { } connection })
        {
            Fetch(connection, 4);
        }

        if (_second?.State is { } state)
        {
            Fetch(state, 1);
        }

        if (third is not null)
        {
            Fetch(third, 2);
        }

        (_first, _second) = (_second, third);
    }

    // The collector may move the object meanwhile; then lines are fetched that nobody wants, and no harm is done.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch(object target, int lines)
    {
        byte* address = (byte*)Unsafe.AsPointer(ref Unsafe.As<Contents>(target).First);
        for (int i = 0; i < lines; i++)
        {
            Sse.Prefetch0(address + (i * 64));
        }
    }

    private sealed class Contents
    {
        public byte First = 0;
    }
}
