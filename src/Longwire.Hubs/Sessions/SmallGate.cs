using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>A lock of four bytes, for an object of which there are very many and sections of a few instructions.</summary>
internal struct SmallGate
{
    private SpinLock _lock = new(enableThreadOwnerTracking: false);

    public SmallGate() { }

    /// <summary>Takes the lock until what is returned is disposed of.</summary>
    [UnscopedRef]
    public Holder Enter()
    {
        bool isTaken = false;
        _lock.Enter(ref isTaken);
        return new Holder(ref _lock);
    }

    public readonly ref struct Holder(ref SpinLock taken)
    {
        private readonly ref SpinLock _taken = ref taken;

        public void Dispose() => _taken.Exit(useMemoryBarrier: true);
    }
}
