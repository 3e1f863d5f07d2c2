using Longwire.Hubs.Testing;

namespace Longwire.Yjs.Tests;

public abstract class StoringTests(ServerTransport transport) : YjsTests(transport)
{
    public sealed class OnKestrel() : StoringTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : StoringTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : StoringTests(ServerTransport.IoUring);

    [Fact]
    public async Task Nobody_sees_an_update_before_it_is_stored()
    {
        var store = new MemoryYjsStore();
        await using YjsServer server = await StartServerAsync(options => options.Store = store);
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        ann.Write(Edits.Insert(1, 0, "unseen"));
        bob.Ask();
        await using YjsPeer cid = await server.JoinAsync();
        Assert.All(
            (YjsPeer[])[ann, bob, cid],
            static peer => Assert.DoesNotContain(peer.Messages, static message => message.AsSpan().IndexOf("unseen"u8) > 0)
        );
        gate.SetResult();
        await bob.HasAsync(ann.State);
        await cid.HasAsync(ann.State);
        Assert.Single(store.Updates);
    }

    [Fact]
    public async Task A_document_that_can_not_be_stored_is_closed_and_its_clients_bring_it_again()
    {
        var store = new MemoryYjsStore();
        await using YjsServer server = await StartServerAsync(options => options.Store = store);
        await using YjsPeer ann = await server.JoinAsync();
        store.Gate = Task.FromException(new IOException("The disk is full."));
        ann.Write(Edits.Insert(1, 0, "text"));
        Assert.Equal(CloseStatus.InternalError, (await ann.Closed).Status);
        await Patience.UntilAsync(() => !store.IsOpen, "the log is given back");
        Assert.Contains(server.Log.Lines, static line => line.Contains("The disk is full.", StringComparison.Ordinal));
        store.Gate = Task.CompletedTask;
        await using YjsPeer again = await server.JoinAsync();
        again.Write(ann.State);
        await using YjsPeer bob = await server.JoinAsync();
        await bob.HasAsync(ann.State);
    }

    [Fact]
    public async Task A_document_is_loaded_once_however_many_come_at_once_and_leaves_when_it_is_idle()
    {
        var time = new HubTestClock();
        var store = new MemoryYjsStore { Updates = { Edits.Insert(1, 0, "hello"), Edits.Insert(1, 5, " world") } };
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        await using YjsServer server = await StartServerAsync(options =>
        {
            options.Store = store;
            options.Endpoint.Connection = options.Endpoint.Connection with { TimeProvider = time, PingInterval = Timeout.InfiniteTimeSpan };
        });
        Task<YjsPeer>[] joins = [.. Enumerable.Range(0, 20).Select(_ => server.JoinAsync())];
        await Patience.UntilAsync(() => store.IsOpen, "it is being loaded");
        gate.SetResult();
        YjsPeer[] peers = await Task.WhenAll(joins);
        Assert.Equal(1, store.Opened);
        byte[] whole = Edits.Merge([.. store.Updates]);
        Assert.All(peers, peer => Assert.True(Edits.AreSame(whole, peer.State)));
        foreach (YjsPeer peer in peers)
        {
            await peer.DisposeAsync();
        }

        await Patience.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(61));
                return !store.IsOpen;
            },
            "it leaves"
        );
        await using YjsPeer back = await server.JoinAsync();
        await back.HasAsync(peers[0].State);
        Assert.Equal(2, store.Opened);
    }

    [Fact]
    public async Task A_log_that_has_grown_is_replaced_by_the_state()
    {
        var store = new MemoryYjsStore();
        await using YjsServer server = await StartServerAsync(options => options.Store = store);
        await using YjsPeer ann = await server.JoinAsync();
        string text = new('x', 100_000);
        for (int i = 0; i < 15; i++)
        {
            ann.Write(Edits.Insert(1, i * text.Length, text));
        }

        await Patience.UntilAsync(() => store.Updates is [{ Length: > 1_000_000 }, ..], "it is replaced");
        await using YjsPeer bob = await server.JoinAsync();
        await bob.HasAsync(ann.State);
    }
}
