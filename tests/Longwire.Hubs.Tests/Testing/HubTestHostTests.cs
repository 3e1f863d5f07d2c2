using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

public sealed class HubTestHostTests
{
    /// <summary>It only says what a test costs: machines differ, and others work on them meanwhile.</summary>
    [Fact]
    public async Task A_thousand_small_tests_each_have_a_hub_of_their_own()
    {
        const int Tests = 1_000;
        for (int i = 0; i < Tests; i++)
        {
            await TestAsync();
        }

        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Tests; i++)
        {
            await TestAsync();
        }

        double milliseconds = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Tests;
        TestContext.Current.TestOutputHelper!.WriteLine($"{milliseconds:N2} ms of CPU a test: {1_000 / milliseconds:N0} a second and core");

        static async ValueTask TestAsync()
        {
            await using HubTestHost host = await HubTestHost.StartAsync(hub =>
                hub.MapRoom("chat:{name}").OnMessage<Say>(message => message.Accept())
            );
            HubTestClient ann = await host.ConnectAsync("ann");
            HubTestClient bob = await host.ConnectAsync("bob");
            await ann.JoinAsync("chat:x");
            await bob.JoinAsync("chat:x");
            await ann.PublishAsync("chat:x", new Say("hi"));
            Assert.Equal("hi", (await bob.NextAsync<Say>()).Text);
        }
    }

    [Fact]
    public async Task A_lost_connection_counts_as_left_when_the_clock_was_turned_past_its_grace()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("chat:{name}").WithPresence());
        HubTestClient ann = await host.ConnectAsync("ann"),
            bob = await host.ConnectAsync("bob");
        await ann.JoinAsync("chat:tea");
        await bob.JoinAsync("chat:tea");
        await ann.NextAsync("user-joined");
        bob.Cut();
        host.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.DoesNotContain(ann.Received, m => m.Type == "user-left");
        host.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("bob", (await ann.NextAsync("user-left")).UserId);
    }

    [Fact]
    public async Task A_session_that_came_back_too_late_is_another_one()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        string first = ann.ClientId;
        await ann.ReturnAsync();
        Assert.True(ann.Resumed);
        Assert.Equal(first, ann.ClientId);
        ann.Cut();
        host.Time.Advance(TimeSpan.FromMinutes(3));
        await ann.ReturnAsync();
        Assert.False(ann.Resumed);
    }

    [Fact]
    public async Task What_a_client_waits_for_in_vain_ends_with_its_connection()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        Task<ReceivedMessage> waiting = ann.NextAsync("nothing");
        await host.Hub.User("ann").KickAsync();
        Assert.Equal(HubCloseStatus.Kicked, (await Assert.ThrowsAsync<WebSocketClosedException>(() => waiting)).Status);
        Assert.Equal(HubCloseStatus.Kicked, ann.ClosedWith);
        Assert.Throws<WebSocketClosedException>(() => ann.Send("{}"u8));
    }
}
