namespace Longwire.Yjs.Tests;

/// <summary>What another client has seen survives SIGKILL, whatever the server is doing.</summary>
public sealed class KillTests
{
    private const int Kills = 6;

    [Fact]
    public async Task An_update_that_another_client_has_seen_survives_SIGKILL_at_any_moment()
    {
        await using EditorServer server = await EditorServer.StartAsync();
        string document = (await server.NewDocumentAsync())["/editor/".Length..];
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var seen = new YjsDocument();
        for (int kill = 0; kill < Kills; kill++)
        {
            YjsPeer writer = await server.ConnectAsync(document);
            YjsPeer observer = await server.ConnectAsync(document);
            observer.Ask();
            await observer.SyncedAsync();
            Contains(observer.State, seen, $"seed {seed}, kill {kill}");
            // Small and large, so that the log is replaced again and again.
            int updates = random.Next(20, 200);
            long clock = 0;
            for (int i = 0; i < updates; i++)
            {
                string text = new((char)('a' + kill), random.Next(10) == 0 ? random.Next(200_000) + 1 : 3);
                writer.Write(Edits.Insert(1000 + kill, clock, text));
                clock += text.Length;
                await Patience.UntilAsync(() => writer.Connection.PendingSendBytes < 256 << 10, "there is room");
            }

            long enough = random.NextInt64(clock);
            await Patience.UntilAsync(() => observer.ClockOf(1000 + kill) >= enough, "the observer has seen some");
            await server.KillAndStartAsync();
            await observer.Closed;
            Assert.True(seen.TryApply(observer.State, out _));
        }

        await using YjsPeer last = await server.ConnectAsync(document);
        last.Ask();
        await last.SyncedAsync();
        Contains(last.State, seen, $"seed {seed}, at the end");
        Assert.DoesNotContain(
            Directory.GetFiles(server.Documents),
            static file => file.EndsWith(FileDocumentLog.ReplacementExtension, StringComparison.Ordinal)
        );
    }

    private static void Contains(byte[] state, YjsDocument seen, string when)
    {
        var document = new YjsDocument();
        Assert.True(document.TryApply(state, out _));
        Assert.True(ParsedUpdate.TryRead(seen.EncodeState(), long.MaxValue, out ParsedUpdate? update, out _));
        Assert.False(document.IsNew(update), $"{when}: something is lost that a client had seen.");
    }
}
