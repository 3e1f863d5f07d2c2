namespace Longwire.Yjs.Tests;

/// <summary>An edit that another client has seen survives SIGKILL at any moment of the server's work.</summary>
public abstract class KillTests(string store)
{
    private const int Kills = 6;

    public sealed class OfFiles() : KillTests("file")
    {
        private protected override bool IsHalfReplaced(string folder) =>
            Directory.EnumerateFiles(folder, "*" + FileDocumentLog.ReplacementExtension).Any();
    }

    public sealed class OfSqlite() : KillTests("sqlite");

    [Fact]
    public async Task An_update_that_another_client_has_seen_survives_a_kill_at_any_moment()
    {
        await using var server = new DocumentServer(store);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var seen = new YjsDocument();
        for (int kill = 0; kill < Kills; kill++)
        {
            await server.StartAsync();
            YjsPeer observer = await server.JoinAsync("doc");
            Contains(observer.State, seen, $"seed {seed}, kill {kill}");
            YjsPeer writer = await server.ConnectAsync("doc");
            // Small and large, so that the log is replaced again and again.
            int updates = random.Next(20, 200);
            long clock = 0;
            for (int i = 0; i < updates; i++)
            {
                clock += await WriteAsync(writer, kill, clock, random.Next(10) == 0 ? random.Next(200_000) + 1 : 3);
            }

            long enough = random.NextInt64(clock);
            await Patience.UntilAsync(() => observer.ClockOf(kill) >= enough, "the observer has seen some");
            await server.KillAsync();
            await observer.Closed;
            Assert.True(seen.TryApply(observer.State, out _));
        }

        await server.StartAsync();
        await using YjsPeer last = await server.JoinAsync("doc");
        Contains(last.State, seen, $"seed {seed}, at the end");
    }

    [Fact]
    public async Task It_survives_a_kill_within_the_replacement_of_a_log()
    {
        const int Wanted = 3;
        await using var server = new DocumentServer(store);
        int seed = Random.Shared.Next();
        int within = 0;
        for (int kill = 0; within < Wanted; kill++)
        {
            string when = $"seed {seed}, kill {kill}";
            Assert.True(kill < 60, $"{when}: none but {within} of these moments lay within a replacement.");
            await server.StartAsync("--dies-in-replacement", $"{seed + kill}");
            // The first replacement of this process is timed.
            await using (YjsPeer first = await server.ConnectAsync($"first-{kill}"))
            {
                await WriteUntilAsync(first, () => Says("timed"));
            }

            string document = $"second-{kill}";
            YjsPeer observer = await server.JoinAsync(document);
            YjsPeer writer = await server.ConnectAsync(document);
            // Too little for a replacement. An observer that has heard nothing by the kill would show nothing.
            int clock = await WriteAsync(writer, 1, 0, 3);
            await Patience.UntilAsync(() => observer.ClockOf(1) > 0, "the observer has seen some");
            await WriteUntilAsync(writer, () => observer.Connection.Completion.IsCompleted, clock);
            await observer.Closed;
            await server.EndedAsync();
            Assert.True(Says("replacing"), when);
            within += Says("replaced") || !IsHalfReplaced(server.Documents) ? 0 : 1;

            var seen = new YjsDocument();
            Assert.True(seen.TryApply(observer.State, out _));
            Assert.True(observer.ClockOf(1) > 0, when);
            await server.StartAsync();
            await using (YjsPeer after = await server.JoinAsync(document))
            {
                Contains(after.State, seen, when);
            }

            await server.KillAsync();
        }

        bool Says(string line) => server.Output.Snapshot().Contains(line);
    }

    /// <summary>Whether the files say that a replacement had begun and not ended.</summary>
    private protected virtual bool IsHalfReplaced(string folder) => true;

    private static async Task WriteUntilAsync(YjsPeer writer, Func<bool> isEnough, long clock = 0)
    {
        while (!isEnough() && !writer.Connection.Completion.IsCompleted)
        {
            clock += await WriteAsync(writer, 1, clock, 50_000);
        }
    }

    private static async Task<int> WriteAsync(YjsPeer writer, long client, long clock, int length)
    {
        byte[] update = Edits.Insert(client, clock, new string((char)('a' + client), length));
        // A connection that has just ended takes nothing.
        writer.Connection.TrySend(new FrameWriter().Number(0).Number(2).Bytes(update).ToArray(), MessageType.Binary);
        await Patience.UntilAsync(
            () => writer.Connection.PendingSendBytes < 256 << 10 || writer.Connection.Completion.IsCompleted,
            "there is room"
        );
        return length;
    }

    private static void Contains(byte[] state, YjsDocument seen, string when)
    {
        var document = new YjsDocument();
        Assert.True(document.TryApply(state, out _));
        Assert.True(ParsedUpdate.TryRead(seen.EncodeState(), long.MaxValue, out ParsedUpdate? update, out _));
        Assert.False(document.IsNew(update), $"{when}: something is lost that a client had seen.");
    }
}
