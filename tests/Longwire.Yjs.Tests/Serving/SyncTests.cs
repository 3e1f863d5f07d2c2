namespace Longwire.Yjs.Tests;

public abstract class SyncTests(ServerTransport transport) : YjsTests(transport)
{
    public sealed class OnKestrel() : SyncTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : SyncTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : SyncTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_client_that_joins_gets_what_others_wrote()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        ann.Write(Edits.Insert(1, 0, "hello"));
        ann.Write(Edits.Insert(1, 5, " world"));
        await ann.WaitForAsync(static message => message is [0, 2, ..] && message.AsSpan().IndexOf("world"u8) > 0, "the echo");
        await using YjsPeer bob = await server.JoinAsync();
        await bob.HasAsync(ann.State);
    }

    [Fact]
    public async Task An_update_goes_to_everyone_the_sender_included()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        byte[] update = Edits.Insert(1, 0, "hello");
        byte[] message = new FrameWriter().Number(0).Number(2).Bytes(update).ToArray();
        ann.Write(update);
        foreach (YjsPeer peer in (YjsPeer[])[ann, bob])
        {
            await peer.WaitForAsync(received => received.AsSpan().SequenceEqual(message), "the update");
        }
    }

    [Fact]
    public async Task What_is_known_already_is_not_sent_again()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        byte[] update = Edits.Merge(Edits.Insert(1, 0, "hello"), Edits.Delete(1, (1, 2)));
        ann.Write(update);
        ann.Write(update);
        ann.Write(Edits.Insert(1, 0, "hell"));
        ann.Write(Edits.Delete(1, (2, 1)));
        ann.Write(Edits.Insert(1, 5, "!"));
        await bob.HasAsync(ann.State);
        Assert.Equal(2, bob.Messages.Count(static message => message is [0, 2, ..] && message.Length > 10));
    }

    [Fact]
    public async Task The_server_asks_for_what_it_lacks_and_sends_on_what_the_answer_brings()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer bob = await server.JoinAsync();
        await using YjsPeer ann = await server.ConnectAsync();
        byte[] question = await ann.WaitForAsync(static message => message is [0, 0, ..], "sync step 1");
        Assert.Equal<byte>([0, 0, 1, 0], question);
        byte[] written = Edits.Insert(7, 0, "written offline");
        ann.Send(new FrameWriter().Number(0).Number(1).Bytes(written).ToArray());
        await bob.HasAsync(Edits.Merge(written));
    }

    [Fact]
    public async Task A_client_gets_the_difference_to_what_it_has()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        ann.Write(Edits.Insert(1, 0, "what is known"));
        ann.Write(Edits.Insert(1, 13, " and what is not"));
        await using YjsPeer bob = await server.ConnectAsync();
        await Patience.UntilAsync(() => ann.Messages.Count(static message => message is [0, 2, ..]) >= 3, "the echoes");
        bob.Ask([1, 1, 13]);
        await bob.SyncedAsync();
        Assert.All(bob.Messages, static message => Assert.True(message.AsSpan().IndexOf("known"u8) < 0));
        Assert.Contains(bob.Messages, static message => message.AsSpan().IndexOf(" and what is not"u8) > 0);
    }

    [Fact]
    public async Task Documents_have_nothing_to_do_with_each_other()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync("one");
        await using YjsPeer bob = await server.JoinAsync("Two");
        ann.Write(Edits.Insert(1, 0, "in one"));
        bob.Write(Edits.Insert(1, 0, "in two"));
        await using YjsPeer cid = await server.JoinAsync("one");
        await cid.HasAsync(ann.State);
        Assert.NotEqual(ann.State, bob.State);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_all_that_it_missed()
    {
        await using YjsServer server = await StartServerAsync(static options =>
            options.Endpoint.Connection = options.Endpoint.Connection with { SendQueueBytes = 64 << 10, MinDataRateBytesPerSecond = 0 }
        );
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        bob.IsSlow = true;
        long clock = 0;
        string text = new('x', 32 << 10);
        for (int i = 0; i < 400; i++, clock += text.Length)
        {
            ann.Write(Edits.Insert(1, clock, text));
            await Patience.UntilAsync(() => ann.Connection.PendingSendBytes < 512 << 10, "there is room");
        }

        await using YjsPeer cid = await server.JoinAsync();
        await cid.HasAsync(ann.State);
        bob.IsSlow = false;
        bob.Connection.ResumeReceiving();
        await bob.HasAsync(ann.State);
        Assert.True(bob.Messages.Count < 400, $"{bob.Messages.Count} messages: what waits is sent in one.");
    }
}
