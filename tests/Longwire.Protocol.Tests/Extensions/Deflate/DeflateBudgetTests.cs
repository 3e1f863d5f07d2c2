using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Longwire.Protocol.Tests;

public sealed class DeflateBudgetTests
{
    [Fact]
    public void A_lease_takes_room_until_it_is_disposed_once_or_twice()
    {
        var budget = new DeflateBudget(100);
        Assert.True(budget.HasRoomFor(100));
        Assert.False(budget.HasRoomFor(101));
        DeflateLease first = budget.TryLease(60)!;
        Assert.Null(budget.TryLease(41));
        DeflateLease forced = budget.Lease(1000);
        Assert.Equal(1060, budget.UsedBytes);
        forced.Dispose();
        first.Dispose();
        first.Dispose();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void Threads_that_lease_at_once_get_exactly_what_there_is()
    {
        var budget = new DeflateBudget(100_000);
        // Kept, because a forgotten lease comes back.
        var leases = new ConcurrentBag<DeflateLease>();
        Parallel.For(
            0,
            4,
            _ =>
            {
                while (budget.TryLease(1) is { } lease)
                {
                    leases.Add(lease);
                }
            }
        );
        Assert.Equal((100_000, 100_000), (leases.Count, budget.UsedBytes));
        GC.KeepAlive(leases);
    }

    [Fact]
    public void A_forgotten_lease_and_a_forgotten_stream_come_back()
    {
        var pool = new DeflatePool();
        Forget(pool);
        for (int i = 0; i < 10 && pool.Budget.UsedBytes != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, pool.Budget.UsedBytes);
    }

    [Fact]
    public void A_negative_limit_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new DeflateBudget(-1));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(DeflatePool pool)
    {
        PerMessageDeflate server = PerMessageDeflate.ForServer(new DeflateParameters(false, false), new DeflateOptions(), pool);
        server.Deflate("x"u8, new ArrayBufferWriter<byte>());
        server.Inflate([0xf2], endOfMessage: false, 10, new ArrayBufferWriter<byte>());
        pool.RentInflater(15);
        Assert.NotEqual(0, pool.Budget.UsedBytes);
    }
}
