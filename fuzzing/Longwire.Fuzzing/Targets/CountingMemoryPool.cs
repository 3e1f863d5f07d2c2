using System.Buffers;

namespace Longwire.Fuzzing;

/// <summary>Counts the blocks that are out: what a pipe holds until both its ends are completed.</summary>
internal sealed class CountingMemoryPool : MemoryPool<byte>
{
    private int _outstanding;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        Interlocked.Increment(ref _outstanding);
        return new Block(this, new byte[Math.Max(minBufferSize, 4096)]);
    }

    protected override void Dispose(bool disposing) { }

    private sealed class Block(CountingMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private int _returned;

        public Memory<byte> Memory => bytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                // A late reader finds it spoilt.
                Array.Fill(bytes, (byte)0xEE);
                Interlocked.Decrement(ref pool._outstanding);
            }
        }
    }
}
