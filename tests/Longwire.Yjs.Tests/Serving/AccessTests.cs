using System.Net;

namespace Longwire.Yjs.Tests;

public abstract class AccessTests(ServerTransport transport) : YjsTests(transport)
{
    public sealed class OnKestrel() : AccessTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : AccessTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : AccessTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_refused_client_is_told_why_and_closed_for_good()
    {
        await using YjsServer server = await StartServerAsync(onJoin: static request =>
            request.Document == "open" ? request.Accept() : request.Refuse("Members only")
        );
        await using YjsPeer ann = await server.ConnectAsync("closed");
        byte[] denied = await ann.WaitForAsync(static message => message is [2, 0, ..], "the denial");
        Assert.Equal("Members only", new FrameReader(denied.AsMemory(2)).Text());
        Assert.Equal((YjsCloseStatus.Refused, "Members only"), await ann.Closed);
        await using YjsPeer bob = await server.JoinAsync("open");
        Assert.Equal(WebSocketPhase.Open, bob.Connection.State);
    }

    [Fact]
    public async Task A_reader_sees_everything_and_what_it_writes_is_dropped()
    {
        await using YjsServer server = await StartServerAsync(onJoin: static request =>
            request.HttpContext.Request.Query.ContainsKey("read") ? request.AcceptReadOnly() : request.Accept()
        );
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer reader = await server.JoinAsync("doc?read=1");
        // A reader is not asked for what it has.
        Assert.DoesNotContain(reader.Messages, static message => message is [0, 0, ..]);
        reader.Send(new FrameWriter().Number(0).Number(2).Bytes(Edits.Insert(9, 0, "graffiti")).ToArray());
        reader.Send(new FrameWriter().Number(0).Number(2).Bytes(Edits.Insert(9, 8, "more")).ToArray());
        await reader.WaitForAsync(static message => message is [2, 0, ..], "the denial");
        ann.Write(Edits.Insert(1, 0, "text"));
        await reader.HasAsync(ann.State);
        reader.Show((9, 1, "{}"));
        await ann.SeesAsync(9, 1, "{}");
        Assert.DoesNotContain(ann.Messages, static message => message.AsSpan().IndexOf("graffiti"u8) >= 0);
        Assert.Single(reader.Messages, static message => message is [2, 0, ..]);
        Assert.Equal(WebSocketPhase.Open, reader.Connection.State);
    }

    [Fact]
    public async Task A_name_that_is_too_long_or_holds_control_characters_is_refused()
    {
        await using YjsServer server = await StartServerAsync(static options => options.MaxDocumentNameLength = 5);
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(server, "longer"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(server, "a%07"));
        await using YjsPeer ann = await server.JoinAsync("short");
    }

    [Fact]
    public async Task Too_many_documents_and_too_many_connections_to_one_are_refused()
    {
        await using YjsServer server = await StartServerAsync(static options =>
        {
            options.MaxDocuments = 2;
            options.MaxConnectionsPerDocument = 2;
        });
        await using YjsPeer ann = await server.JoinAsync("one");
        await using YjsPeer bob = await server.JoinAsync("one");
        await using YjsPeer cid = await server.JoinAsync("two");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "one"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "three"));
    }

    [Fact]
    public async Task A_document_that_is_full_takes_no_more_and_its_readers_stay()
    {
        await using YjsServer server = await StartServerAsync(static options => options.MaxDocumentBytes = 20_000);
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        ann.Write(Edits.Insert(1, 0, new string('x', 15_000)));
        ann.Write(Edits.Insert(1, 15_000, new string('y', 15_000)));
        ann.Write(Edits.Insert(1, 30_000, "one too many"));
        Assert.Equal(YjsCloseStatus.DocumentTooLarge, (await ann.Closed).Status);
        await Patience.UntilAsync(() => bob.State.Length > 30_000, "the rest is there");
        bob.Send(new FrameWriter().Number(0).Number(2).Bytes(Edits.Insert(2, 0, new string('z', 20_000))).ToArray());
        Assert.Equal(YjsCloseStatus.BadMessage, (await bob.Closed).Status);
    }

    [Fact]
    public void A_pattern_without_a_document_is_refused_at_the_start()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        ArgumentException error = Assert.Throws<ArgumentException>(() => application.MapYjs("/yjs"));
        Assert.Contains("/yjs/{document}", error.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(YjsServer server, string document)
    {
        WebSocketHandshakeException refused = await Assert.ThrowsAsync<WebSocketHandshakeException>(() => server.ConnectAsync(document));
        return (HttpStatusCode)refused.StatusCode!;
    }
}
