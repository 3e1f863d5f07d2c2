using System.Diagnostics;

namespace Longwire.Hubs.Client.Tests;

/// <summary>An outbox in a file. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class FileOutboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("longwire-outbox-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_there_again_in_its_order_with_its_producer()
    {
        string path = NewPath();
        string producer = Write(path);
        using var journal = new FileJournal(path, flushToDisk: true);
        Assert.Equal(producer, journal.Producer);
        Assert.Equal("ws://hub.test/", journal.Destination);
        Assert.Equal(["b", "c", "d"], journal.Entries.Select(static entry => entry.Id));
        Assert.Equal([true, false, false], journal.Entries.Select(static entry => entry.FirstSent is not null));
        Assert.Equal(["=ann", "=ann", null], journal.Entries.Select(static entry => entry.Owner));
        Assert.Equal(["tea", "tea", null], journal.Entries.Select(static entry => entry.Room));
        Assert.Equal("""{"id":"c"}"""u8, journal.Entries[1].Json);
        Assert.Equal(0, journal.DamagedBytes);
    }

    [Fact]
    public void Scenario_56_a_tail_that_was_cut_at_any_byte_leaves_all_that_is_whole_before_it()
    {
        string path = NewPath();
        Write(path);
        byte[] whole = File.ReadAllBytes(path);
        List<string> before = [];
        int changes = 0;
        for (int length = 0; length <= whole.Length; length++)
        {
            string cut = NewPath();
            File.WriteAllBytes(cut, whole[..length]);
            string[] found;
            using (var journal = new FileJournal(cut, flushToDisk: false))
            {
                found = [.. journal.Entries.Select(static entry => $"{entry.Id} {entry.FirstSent} {entry.Owner}")];
                Assert.InRange(journal.DamagedBytes, 0, 200);
                journal.Added(new OutboxEntry("new", "tea", "tea", [1]));
            }

            using (var journal = new FileJournal(cut, flushToDisk: false))
            {
                Assert.Equal("new", journal.Entries[^1].Id);
                Assert.Equal(found, journal.Entries.SkipLast(1).Select(static entry => $"{entry.Id} {entry.FirstSent} {entry.Owner}"));
                Assert.Equal(0, journal.DamagedBytes);
            }

            if (!found.SequenceEqual(before))
            {
                changes++;
                before = [.. found];
            }
        }

        // a, b, c added; a sent, b sent, owned, a settled, d added.
        Assert.Equal(8, changes);
    }

    [Fact]
    public void Scenario_56_a_byte_that_was_changed_costs_its_record_and_what_is_behind_it()
    {
        string path = NewPath();
        Write(path);
        byte[] whole = File.ReadAllBytes(path);
        string[] ids = ["a", "b", "c", "d"];
        for (int position = 8; position < whole.Length; position++)
        {
            string damaged = NewPath();
            byte[] bytes = [.. whole];
            bytes[position] ^= 0x10;
            File.WriteAllBytes(damaged, bytes);
            using var journal = new FileJournal(damaged, flushToDisk: false);
            Assert.True(journal.DamagedBytes > 0, $"The change of byte {position} was not found.");
            Assert.All(journal.Entries, entry => Assert.Contains(entry.Id, ids));
            Assert.All(
                journal.Entries,
                static entry => Assert.Equal($$"""{"id":"{{entry.Id}}"}""", System.Text.Encoding.UTF8.GetString(entry.Json))
            );
        }
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_left_alone()
    {
        string path = NewPath();
        File.WriteAllText(path, "Dear diary,");
        Assert.Throws<InvalidDataException>(() => new FileJournal(path, flushToDisk: false));
        Assert.Equal("Dear diary,", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_serves_one_client_at_a_time()
    {
        string path = NewPath();
        using (new FileJournal(path, flushToDisk: false))
        {
            Assert.Throws<IOException>(() => new FileJournal(path, flushToDisk: false));
        }

        new FileJournal(path, flushToDisk: false).Dispose();
    }

    [Fact]
    public void A_file_does_not_grow_with_what_is_settled()
    {
        string path = NewPath();
        long largest = 0;
        using (var journal = new FileJournal(path, flushToDisk: false))
        {
            var kept = new OutboxEntry("kept", "tea", "tea", new byte[1_000]);
            journal.Added(kept);
            for (int number = 0; number < 20_000; number++)
            {
                var entry = new OutboxEntry($"{number}", "tea", "tea", new byte[100]) { FirstSent = DateTimeOffset.UnixEpoch };
                journal.Added(entry);
                journal.Sending(entry);
                journal.Settled(entry, [kept]);
                largest = Math.Max(largest, new FileInfo(path).Length);
            }
        }

        Assert.InRange(largest, 100_000, 400_000);
        using var again = new FileJournal(path, flushToDisk: false);
        Assert.Equal("kept", Assert.Single(again.Entries).Id);
    }

    [Fact]
    public async Task Scenario_55_the_next_client_publishes_what_the_one_before_could_not()
    {
        string path = NewPath();
        await using HubWorld world = await HubWorld.StartAsync(client: client => client.Outbox = Outbox.File(path));
        HubTestClient other = await world.OtherAsync("tea");
        HubClientRoom room = world.Client.Room("tea");
        await room.JoinAsync().WaitAsync(Patience.Long);
        world.Wire.LetsDown = static message => !HubWorld.Is(message, "ack");
        await room.PublishAsync(new Edit(1));
        await other.NextAsync<Edit>();
        world.Wire.Refusal = new WebSocketHandshakeException("Offline.", null);
        world.Wire.Cut();
        await world.States.UntilAsync(ClientState.Reconnecting);
        await room.PublishAsync(new Edit(2));
        await world.Client.DisposeAsync();

        (HubClient next, _) = world.Create("ann", client => client.Outbox = Outbox.File(path));
        Assert.Equal(2, next.WaitingPublications);
        SendReceipt last = await next.Room("tea").PublishAsync(new Edit(3));
        Assert.Equal(3, (await last.Acked.WaitAsync(Patience.Long)).Offset);
        Assert.Equal(2, (await other.NextAsync<Edit>()).Number);
        Assert.Equal(3, (await other.NextAsync<Edit>()).Number);
        Assert.Equal(0, next.WaitingPublications);
    }

    [Fact]
    public async Task Scenario_55_a_process_that_is_killed_again_and_again_loses_and_doubles_nothing()
    {
        const int Runs = 6;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        await using var watcher = new HubClient(hub.Address, new HubClientOptions { Token = static _ => Task.FromResult("watcher") });
        HubClientRoom room = watcher.Room("numbers");
        List<Number> seen = [];
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        room.On<Number>(
            (number, _) =>
            {
                seen.Add(number);
                if (number.Run == Runs)
                {
                    over.SetResult();
                }
            }
        );
        await room.JoinAsync().WaitAsync(Patience.Long);
        string path = NewPath();
        int[] queued = new int[Runs];
        for (int run = 0; run < Runs; run++)
        {
            queued[run] = await PublishUntilKilledAsync(hub.Address, path, run, random.Next(1, 200));
        }

        // The last one's remains are published by a client in this process, with a mark behind it.
        await using var last = new HubClient(
            hub.Address,
            new HubClientOptions { Token = static _ => Task.FromResult("publisher"), Outbox = Outbox.File(path) }
        );
        await (await last.Room("numbers").PublishAsync(new Number(Runs, 0))).Acked.WaitAsync(Patience.Long);
        await over.Task.WaitAsync(Patience.Long);
        for (int run = 0; run < Runs; run++)
        {
            int[] values = [.. seen.Where(number => number.Run == run).Select(static number => number.Value)];
            Assert.True(
                values.SequenceEqual(Enumerable.Range(0, values.Length)) && values.Length > queued[run],
                $"Seed {seed}, run {run}: {queued[run]} was queued, and there came {string.Join(' ', values)}."
            );
        }

        Assert.Equal(seen.Select(static number => number.Run).Order(), seen.Select(static number => number.Run));
    }

    private static async Task<int> PublishUntilKilledAsync(string address, string path, int run, int lines)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Longwire.Hubs.Client.Publisher.dll");
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", ["exec", program, address, "publisher", path, $"{run}"]) { RedirectStandardOutput = true }
        )!;
        int queued = -1;
        try
        {
            for (int line = 0; line < lines; line++)
            {
                string? text = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience.Long);
                Assert.NotNull(text);
                queued = text.StartsWith("queued ", StringComparison.Ordinal) ? int.Parse(text[7..]) : queued;
            }
        }
        finally
        {
            // SIGKILL.
            process.Kill();
            await process.WaitForExitAsync();
        }

        return queued;
    }

    // a, b, c; a and b sent; connected; a settled; d.
    private static string Write(string path)
    {
        using var journal = new FileJournal(path, flushToDisk: false);
        OutboxEntry[] entries =
        [
            new("a", "tea", "tea", """{"id":"a"}"""u8.ToArray()),
            new("b", "tea", "tea", """{"id":"b"}"""u8.ToArray()),
            new("c", "tea", "tea", """{"id":"c"}"""u8.ToArray()),
            new("d", "$all", null, """{"id":"d"}"""u8.ToArray()),
        ];
        foreach (OutboxEntry entry in entries[..3])
        {
            journal.Added(entry);
        }

        foreach (OutboxEntry entry in entries[..2])
        {
            entry.FirstSent = DateTimeOffset.UnixEpoch.AddDays(20_000);
            journal.Sending(entry);
        }

        journal.Owned("ws://hub.test/", "=ann");
        journal.Settled(entries[0], entries[1..3]);
        journal.Added(entries[3]);
        return journal.Producer;
    }

    private string NewPath() => Path.Combine(_folder, Path.GetRandomFileName());

    private sealed record Number(int Run, int Value);
}
