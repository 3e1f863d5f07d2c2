using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>Inputs that make a careless server grow: announced lengths, messages that never end, readers that never read.</summary>
public sealed class MemoryTests(LongwireServer server) : IClassFixture<LongwireServer>
{
    private const long MiB = 1 << 20;

    /// <summary>
    /// The memory that a server within its limits may take for one bad client: its buffers, and what the collector leaves lying.
    /// </summary>
    private const long Allowance = 48 * MiB;

    [Fact]
    public async Task A_hundred_announced_frames_of_60_MiB_reserve_nothing()
    {
        using Witness witness = await Witness.ConnectAsync(server);
        long before = server.Process.ResidentBytes;
        RawClient[] clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => RawClient.UpgradeAsync(server, "/echo")));
        foreach (RawClient client in clients)
        {
            await client.SendAsync(new byte[] { 0x82, 0xff, 0, 0, 0, 0, 0x03, 0xc0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 });
        }

        await witness.AssertUndisturbedAsync();
        AssertGrewLessThan(Allowance, before);
        foreach (RawClient client in clients)
        {
            client.Dispose();
        }

        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_message_over_the_hub_s_limit_fails_with_1009_as_soon_as_it_passes_it()
    {
        using Witness witness = await Witness.ConnectAsync(server);
        using RawClient client = await RawClient.UpgradeAsync(server, "/ws");
        int limit = (await client.ReadUntilAsync("connected")).GetProperty("maxMessageBytes").GetInt32();

        // One byte more than the limit, and nothing behind it that the end of TCP could cut off.
        await client.SendAsync(RawClient.Frame(0x02, new byte[1]));
        for (int sent = 0; sent < limit; sent += 1024)
        {
            await client.SendAsync(RawClient.Frame(0x00, new byte[Math.Min(1024, limit - sent)]));
        }

        Assert.Equal(1009, (await client.ReadCloseAsync()).Status);
        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task An_echo_s_client_that_never_reads_is_held_back_by_TCP()
    {
        using Witness witness = await Witness.ConnectAsync(server);
        using RawClient client = await RawClient.UpgradeAsync(server, "/echo", receiveBufferBytes: 4096);
        long before = server.Process.ResidentBytes;
        byte[] message = RawClient.Frame(0x82, new byte[64 * 1024]);
        long sent = 0;
        while (sent < 256 * MiB && await client.TrySendAsync(message, TimeSpan.FromSeconds(2)))
        {
            sent += message.Length;
        }

        Assert.InRange(sent, 0, 64 * MiB);
        AssertGrewLessThan(Allowance, before);
        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_member_that_never_reads_is_let_go_and_the_others_miss_nothing()
    {
        const int Messages = 150;
        using Witness witness = await Witness.ConnectAsync(server);
        using RawClient sleeper = await RawClient.JoinAsync(server, "sleeper", "crowd", receiveBufferBytes: 4096);
        using RawClient reader = await RawClient.JoinAsync(server, "reader", "crowd");
        using RawClient writer = await RawClient.JoinAsync(server, "writer", "crowd");
        long before = server.Process.ResidentBytes;
        string padding = new('x', 60_000);
        Task draining = DrainAsync(writer);
        for (int i = 0; i < Messages; i++)
        {
            // One after the other, so that nobody falls behind but who never reads.
            await writer.SendTextAsync(
                JsonSerializer.Serialize(
                    new
                    {
                        type = "message",
                        room = "crowd",
                        content = $"{i} {padding}",
                    }
                )
            );
            Assert.StartsWith(
                $"{i} ",
                (await reader.ReadUntilAsync("message")).GetProperty("message").GetString(),
                StringComparison.Ordinal
            );
        }

        AssertGrewLessThan(Allowance, before);

        // Awake again, the sleeper finds what fitted into its queue, and the end.
        (int status, _) = await sleeper.ReadCloseAsync();
        Assert.Contains(status, new[] { 4008, 1006 });
        await witness.AssertUndisturbedAsync();
        server.AssertNothingWentWrong();
        writer.Dispose();
        await draining;
    }

    private static async Task DrainAsync(RawClient client)
    {
        try
        {
            while (await client.ReadFrameAsync(Patience.Long) is not null) { }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void AssertGrewLessThan(long bytes, long before)
    {
        long grown = server.Process.ResidentBytes - before;
        Assert.True(grown < bytes, $"The server grew by {grown / MiB} MiB; {bytes / MiB} MiB are allowed.");
    }
}
