using System.Net;

namespace Longwire.AspNetCore.Tests;

public sealed class ConnectionSlotsTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)] // the same /64
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Addresses_that_are_one_client_s_share_its_limit(string first, string second, bool same)
    {
        var slots = new ConnectionSlots(max: 10, maxPerAddress: 1);
        Assert.True(slots.TryTake(IPAddress.Parse(first)));
        Assert.Equal(!same, slots.TryTake(IPAddress.Parse(second)));
    }

    [Fact]
    public void What_is_released_can_be_taken_again_by_address_and_in_all()
    {
        var slots = new ConnectionSlots(max: 2, maxPerAddress: 2);
        IPAddress address = IPAddress.IPv6Loopback;
        Assert.True(slots.TryTake(address));
        Assert.True(slots.TryTake(address));
        Assert.False(slots.TryTake(address));
        Assert.False(slots.TryTake(null));
        slots.Release(address);
        Assert.True(slots.TryTake(null)); // a host that knows no addresses
        Assert.False(slots.TryTake(address));
        slots.Release(null);
        Assert.True(slots.TryTake(address));
    }

    [Fact]
    public async Task Many_threads_take_no_more_than_there_is_and_give_all_back()
    {
        var slots = new ConnectionSlots(max: 3, maxPerAddress: 2);
        int taken = 0;
        await Parallel.ForAsync(
            0,
            10_000,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            (number, _) =>
            {
                var address = new IPAddress((byte[])[192, 0, 2, (byte)(number % 3)]);
                if (slots.TryTake(address))
                {
                    Assert.InRange(Interlocked.Increment(ref taken), 1, 3);
                    Interlocked.Decrement(ref taken);
                    slots.Release(address);
                }

                return ValueTask.CompletedTask;
            }
        );
        Assert.All(Enumerable.Range(0, 3), number => Assert.True(slots.TryTake(new IPAddress((byte[])[192, 0, 2, (byte)number]))));
    }
}
