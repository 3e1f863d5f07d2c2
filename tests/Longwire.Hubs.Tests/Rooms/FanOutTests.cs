using System.Text;

namespace Longwire.Hubs.Tests;

public sealed class FanOutTests
{
    [Fact]
    public async Task In_a_large_room_the_publishers_call_does_not_wait_for_the_members()
    {
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection[] members = Join(hub.Hub, FanOut.InlineMembers + 1);
        using var release = new ManualResetEventSlim();
        foreach (SilentConnection member in members)
        {
            member.OnTelling = release.Wait;
        }

        for (int number = 1; number <= 10; number++)
        {
            Assert.Equal(number, (await hub.Hub.PublishAsync("general", Number(number))).Offset);
        }

        release.Set();
        await Eventually.TrueAsync(() => members.All(member => member.Offsets.Count == 10));
        Assert.All(members, member => Assert.Equal(Enumerable.Range(1, 10).Select(number => (long)number), member.Offsets));
    }

    [Fact]
    public async Task Members_that_are_stuck_cost_the_others_nothing()
    {
        const int Messages = 200;
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection[] members = Join(hub.Hub, 1_000);
        foreach (SilentConnection stuck in members.Take(10))
        {
            stuck.IsFull = true;
        }

        for (int number = 1; number <= Messages; number++)
        {
            await hub.Hub.PublishAsync("general", Number(number));
        }

        await Eventually.TrueAsync(() => members.Skip(10).All(member => member.Offsets.Count == Messages));
        Assert.All(
            members.Skip(10),
            member =>
            {
                Assert.Null(member.StartedClosing);
                Assert.Equal(Enumerable.Range(1, Messages).Select(number => (long)number), member.Offsets);
            }
        );
        Assert.All(members.Take(10), stuck => Assert.Equal(HubCloseStatus.TooSlow, stuck.StartedClosing));
    }

    [Fact]
    public async Task Those_who_publish_faster_than_members_can_be_told_wait()
    {
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection[] members = Join(hub.Hub, FanOut.InlineMembers + 1);
        using var release = new ManualResetEventSlim();
        members[0].OnTelling = release.Wait;
        int published = 0;
        var publishing = Task.Run(async () =>
        {
            for (int number = 1; number <= 3_000; number++)
            {
                await hub.Hub.PublishAsync("general", Number(number));
                Volatile.Write(ref published, number);
            }
        });
        await Eventually.TrueAsync(() => !hub.Hub.FindRoom("general")!.Roomy.IsCompleted);
        Assert.InRange(Volatile.Read(ref published), 1_000, 1_100);
        Assert.False(publishing.IsCompleted);
        release.Set();
        await publishing.WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => members.All(member => member.Offsets.Count == 3_000));
    }

    private static byte[] Number(int number) => Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static SilentConnection[] Join(Hub hub, int count)
    {
        var members = new SilentConnection[count];
        for (int index = 0; index < count; index++)
        {
            members[index] = new SilentConnection { RecordsOffsets = true };
            hub.Accept(members[index], new HubHandshake { Identity = new HubIdentity("user" + index) });
            members[index].Session!.Receive(members[index], MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
        }

        return members;
    }
}
