namespace Longwire.Yjs.Tests;

public abstract class BadMessageTests(ServerTransport transport) : YjsTests(transport)
{
    public sealed class OnKestrel() : BadMessageTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : BadMessageTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : BadMessageTests(ServerTransport.IoUring);

    public static TheoryData<string, byte[]> Messages =>
        new()
        {
            { "nothing", [] },
            { "a type that there isn't", [9] },
            { "a kind that there isn't", [0, 3, 0] },
            { "step 1 that ends too early", [0, 0, 2, 1] },
            { "step 1 with more behind it", [0, 0, 1, 0, 0] },
            { "a vector that ends too early", [0, 0, 2, 1, 1] },
            { "an update that ends too early", [0, 2, 1, 0] },
            { "an update with more behind it", [0, 2, 3, 0, 0, 0] },
            { "content that there isn't", [0, 2, 7, 1, 1, 5, 0, 0x8B, 1, 0] },
            { "a length that nothing follows", [0, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] },
            { "awareness that is not JSON", [1, 5, 1, 1, 1, 1, (byte)'x'] },
            { "awareness that ends too early", [1, 2, 1, 1] },
            { "an integer without end", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80] },
            { "the first message of @hocuspocus/provider", [3, (byte)'d', (byte)'o', (byte)'c', 2, 0, 0] },
        };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task It_closes_its_sender_with_the_reason_and_disturbs_nobody_else(string what, byte[] message)
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        bob.Send(message);
        (CloseStatus status, string reason) = await bob.Closed;
        Assert.True(status == YjsCloseStatus.BadMessage, what);
        Assert.NotEqual("", reason);
        ann.Write(Edits.Insert(1, 0, "undisturbed"));
        await ann.WaitForAsync(static received => received.AsSpan().IndexOf("undisturbed"u8) > 0, "the echo");
        Assert.Empty(server.Log.Lines);
    }

    [Fact]
    public async Task Text_is_no_message()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        Assert.True(ann.Connection.TrySend("hello"u8, MessageType.Text));
        Assert.Equal(YjsCloseStatus.BadMessage, (await ann.Closed).Status);
    }
}
