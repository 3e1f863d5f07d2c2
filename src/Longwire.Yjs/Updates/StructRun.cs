namespace Longwire.Yjs;

/// <summary>Structs of one client that follow each other without a hole, as their bytes.</summary>
/// <param name="Clock">The first one's clock.</param>
/// <param name="End">The clock behind the last one.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Memory">Where their bytes lie.</param>
/// <param name="Offset">Where they begin in it.</param>
/// <param name="Length">How many bytes they are.</param>
internal readonly record struct StructRun(long Clock, long End, int Count, byte[] Memory, int Offset, int Length)
{
    /// <summary>The approximate memory of a run beside its own bytes, in bytes.</summary>
    public const int Cost = 48;

    /// <summary>
    /// The most bytes of a run, if its structs let it: so a part of a large document is found without a walk through all of it.
    /// </summary>
    public const int MaxBytes = 16 << 10;

    public ReadOnlySpan<byte> Bytes => Memory.AsSpan(Offset, Length);
}
