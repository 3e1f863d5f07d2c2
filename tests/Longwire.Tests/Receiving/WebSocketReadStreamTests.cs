using System.IO.Pipelines;
using System.Text;

namespace Longwire.Tests;

/// <summary>Messages that are read as they come.</summary>
public sealed class WebSocketReadStreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly WebSocketConnectionOptions _streamed = new() { MaxMessageBytes = 10, MaxStreamedMessageBytes = 1L << 40 };

    private static byte[] Fragment(string text, bool first = false, bool last = false) =>
        Wire.To(WebSocketRole.Server, first ? 1 : 0, Wire.Utf8(text), fin: last);

    private static async Task<string> ReadAllAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync().WaitAsync(_patience);
    }

    private static async Task<string> ReadOnceAsync(Stream stream)
    {
        byte[] buffer = new byte[100];
        int length = await stream.ReadAsync(buffer).AsTask().WaitAsync(_patience);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    [Fact]
    public async Task A_whole_message_is_a_stream_too_and_the_next_can_be_read_either_way()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 2, [1, 2]));
        Assert.Equal("one", await ReadAllAsync(await bench.Connection.ReadStreamAsync()));
        Assert.Equal("two", bench.ReadNow().Text);
        WebSocketReadStream binary = await bench.Connection.ReadStreamAsync();
        Assert.Equal(MessageType.Binary, binary.Type);
        Assert.Equal(1, await binary.ReadAsync(new byte[1]));
        Assert.Equal(1, await binary.ReadAsync(new byte[2]));
        Assert.Equal(0, await binary.ReadAsync(new byte[2]));
    }

    [Fact]
    public async Task What_has_come_is_read_before_the_message_ends()
    {
        var bench = new Bench(options: _streamed, pull: true);
        ValueTask<WebSocketReadStream> reading = bench.Connection.ReadStreamAsync();
        Assert.False(reading.IsCompleted);
        bench.Transport.Feed(Fragment("a fragment, ", first: true));
        WebSocketReadStream message = await reading.AsTask().WaitAsync(_patience);
        Assert.Equal(MessageType.Text, message.Type);
        Assert.Equal("a fragment, ", await ReadOnceAsync(message));
        byte[] cut = Fragment("another");
        bench.Transport.Feed(cut[..8]);
        Assert.Equal("an", await ReadOnceAsync(message));
        bench.Transport.Feed(cut[8..]);
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 9, []));
        Assert.Equal("other", await ReadOnceAsync(message));
        Task<string> last = ReadOnceAsync(message);
        Assert.False(last.IsCompleted);
        bench.Transport.Feed(Fragment("", last: true));
        Assert.Equal("", await last);
        Assert.Equal("", await ReadOnceAsync(message));
        bench.Transport.FeedText("next");
        Assert.Equal("next", await ReadAllAsync(await bench.Connection.ReadStreamAsync()));
    }

    [Fact]
    public async Task What_is_not_read_stays_with_the_peer()
    {
        var bench = new Bench(options: _streamed with { ReceiveQueueBytes = 4000 }, pull: true);
        bench.Transport.Feed(Wire.Header(2, 1L << 33, key: Wire.Key));
        bench.Transport.Feed(new byte[3000]);
        Assert.False(bench.Transport.IsPaused);
        bench.Transport.Feed(new byte[3000]);
        Assert.True(bench.Transport.IsPaused);
        bench.Transport.Feed(new byte[3000]);
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        byte[] buffer = new byte[9000];
        Assert.True(bench.Transport.IsPaused);
        await message.ReadExactlyAsync(buffer);
        Assert.False(bench.Transport.IsPaused);
        Assert.Equal(Wire.Key, buffer[..4]);
    }

    [Fact]
    public async Task What_was_not_read_of_a_message_is_skipped()
    {
        var bench = new Bench(options: _streamed, pull: true);
        bench.Transport.Feed(Fragment("never ", first: true));
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        await message.DisposeAsync();
        bench.Transport.Feed(Fragment("read"));
        Task<WebSocketReadStream> reading = bench.Connection.ReadStreamAsync().AsTask();
        Assert.False(reading.IsCompleted);
        bench.Transport.Feed(Fragment(" at all", last: true));
        bench.Transport.FeedText("next");
        Assert.Equal("next", await ReadAllAsync(await reading.WaitAsync(_patience)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadOnceAsync(message));
    }

    [Fact]
    public async Task A_message_is_over_when_the_connection_was_read_on()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("one");
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Task<WebSocketMessage> next = bench.Connection.ReadAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadOnceAsync(message));
        bench.Transport.FeedText("two");
        Assert.Equal("two", (await next).Text);
    }

    [Fact]
    public async Task Text_that_is_no_UTF_8_fails_in_the_middle()
    {
        var bench = new Bench(options: _streamed, pull: true);
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 1, [0x61, 0xC3], fin: false));
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Assert.Equal(2, await message.ReadAsync(new byte[10]));
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 0, [0x28], fin: false));
        Assert.Equal(CloseStatus.InvalidPayload, (await Assert.ThrowsAsync<WebSocketClosedException>(() => ReadOnceAsync(message))).Status);
    }

    [Fact]
    public async Task Text_that_ends_inside_of_a_character_fails_at_its_end()
    {
        var bench = new Bench(options: _streamed, pull: true);
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 1, [0xC3], fin: false));
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 0, []));
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Assert.Equal(CloseStatus.InvalidPayload, (await Assert.ThrowsAsync<WebSocketClosedException>(() => ReadAllAsync(message))).Status);
    }

    [Fact]
    public async Task A_message_over_the_limit_fails_with_1009()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { MaxStreamedMessageBytes = 10 }, pull: true);
        bench.Transport.Feed(Fragment("0123456", first: true));
        bench.Transport.Feed(Fragment("789x"));
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Assert.Equal("0123456", await ReadOnceAsync(message));
        Assert.Equal(CloseStatus.MessageTooBig, (await Assert.ThrowsAsync<WebSocketClosedException>(() => ReadOnceAsync(message))).Status);
        Assert.Equal([Transcript.Close(1009, "Message too big")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task A_message_that_the_end_of_the_connection_cuts_does_not_pass_for_a_whole_one()
    {
        var bench = new Bench(options: _streamed, pull: true);
        bench.Transport.Feed(Fragment("half", first: true));
        bench.Transport.End();
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Assert.Equal("half", await ReadOnceAsync(message));
        Assert.Equal(CloseStatus.Abnormal, (await Assert.ThrowsAsync<WebSocketClosedException>(() => ReadOnceAsync(message))).Status);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => bench.Connection.ReadStreamAsync().AsTask());
    }

    [Fact]
    public async Task A_message_whose_parts_were_dropped_while_closing_does_not_pass_for_a_whole_one()
    {
        var bench = new Bench(options: _streamed with { ReceiveQueueBytes = 100 }, pull: true);
        bench.Transport.HoldsEnd = true;
        bench.Transport.Feed(Fragment("first " + new string('x', 94), first: true));
        Assert.True(bench.Connection.TryClose(CloseStatus.NormalClosure));
        bench.Transport.Feed(Fragment("dropped"));
        // Reading makes room again, but what was dropped is missing.
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        bench.Transport.Feed(Fragment("last", last: true));
        bench.Transport.FeedClose();
        Assert.Equal(CloseStatus.NormalClosure, bench.Connection.CloseStatus);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => ReadAllAsync(message));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        var bench = new Bench(options: _streamed, pull: true);
        bench.Transport.Feed(Fragment("a", first: true));
        WebSocketReadStream message = await bench.Connection.ReadStreamAsync();
        Assert.Equal("a", await ReadOnceAsync(message));
        using var cancel = new CancellationTokenSource();
        Task<int> reading = message.ReadAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        bench.Transport.Feed(Fragment("b", last: true));
        Assert.Equal("b", await ReadAllAsync(message));
    }

    [Fact]
    public async Task Whole_messages_are_not_read_from_a_connection_that_streams_them()
    {
        var bench = new Bench(options: _streamed, pull: true);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Connection.ReadAsync().AsTask());
    }

    [Fact]
    public void A_handler_gets_whole_messages_all_the_same()
    {
        var bench = new Bench(options: _streamed with { MaxMessageBytes = 100 });
        bench.Transport.Feed(Fragment("a", first: true));
        bench.Transport.Feed(Fragment("b", last: true));
        Assert.Equal(["open", Transcript.Message(MessageType.Text, Wire.Utf8("ab"))], bench.Handler.Calls);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task A_message_of_any_size_goes_through_both_ends_without_being_held(bool deflated, bool takeover)
    {
        (WebSocketConnection server, WebSocketConnection client) = Connect(deflated, takeover);
        const int Lines = 200_000;
        foreach ((WebSocketConnection from, WebSocketConnection to) in new[] { (server, client), (client, server) })
        {
            Task writing = Task.Run(async () =>
            {
                await using WebSocketWriteStream message = await from.OpenMessageAsync(MessageType.Text);
                await from.SendTextAsync("behind");
                await using (var writer = new StreamWriter(message, new UTF8Encoding(false), 5000, leaveOpen: true))
                {
                    for (int i = 0; i < Lines; i++)
                    {
                        await writer.WriteAsync($"Zeile {i} für dich\n");
                    }
                }

                await message.CompleteAsync();
            });
            WebSocketReadStream read = await to.ReadStreamAsync().AsTask().WaitAsync(_patience);
            using (var reader = new StreamReader(read, Encoding.UTF8))
            {
                for (int i = 0; i < Lines; i++)
                {
                    Assert.InRange(from.PendingSendBytes, 0, 140 << 10);
                    Assert.Equal($"Zeile {i} für dich", await reader.ReadLineAsync());
                }

                Assert.Null(await reader.ReadLineAsync());
            }

            await writing.WaitAsync(_patience);
            Assert.Equal("behind", await ReadAllAsync(await to.ReadStreamAsync()));
            // With context takeover the next message refers to this one: both ends must agree on what it was.
            await from.SendTextAsync("Zeile 7 für dich");
            Assert.Equal("Zeile 7 für dich", await ReadAllAsync(await to.ReadStreamAsync()));
        }

        await client.CloseAsync().WaitAsync(_patience);
        Assert.Equal(CloseStatus.NormalClosure, server.CloseStatus);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_compressed_message_that_is_given_up_before_it_left_leaves_no_trace(bool takeover)
    {
        (WebSocketConnection server, WebSocketConnection client) = Connect(deflated: true, takeover);
        await server.SendTextAsync("one and one and one");
        await using (WebSocketWriteStream message = await server.OpenMessageAsync(MessageType.Text))
        {
            // So little stays inside of the compressor.
            await message.WriteAsync(Wire.Utf8("never seen"));
        }

        await using (WebSocketWriteStream message = await server.OpenMessageAsync(MessageType.Text))
        {
            await message.WriteAsync(Wire.Utf8("never seen but "));
            await message.FlushAsync();
            await message.CompleteAsync(Wire.Utf8("one and one"));
        }

        await server.SendTextAsync("never seen but one");
        foreach (string expected in new[] { "one and one and one", "never seen but one and one", "never seen but one" })
        {
            Assert.Equal(expected, await ReadAllAsync(await client.ReadStreamAsync().AsTask().WaitAsync(_patience)));
        }

        await client.CloseAsync().WaitAsync(_patience);
    }

    [Fact]
    public async Task A_flush_brings_out_what_the_compressor_keeps()
    {
        (WebSocketConnection server, WebSocketConnection client) = Connect(deflated: true, takeover: true);
        await using WebSocketWriteStream message = await server.OpenMessageAsync(MessageType.Text);
        await message.WriteAsync(Wire.Utf8("at once"));
        await message.FlushAsync();
        WebSocketReadStream read = await client.ReadStreamAsync().AsTask().WaitAsync(_patience);
        Assert.Equal("at once", await ReadOnceAsync(read));
        await message.CompleteAsync();
        Assert.Equal("", await ReadOnceAsync(read));
        await client.CloseAsync().WaitAsync(_patience);
    }

    private static (WebSocketConnection Server, WebSocketConnection Client) Connect(bool deflated, bool takeover)
    {
        var deflate = new DeflateOptions
        {
            Enabled = true,
            ServerNoContextTakeover = !takeover,
            ClientNoContextTakeover = !takeover,
        };
        var parameters = new DeflateParameters(!takeover, !takeover, 15, 15);
        WebSocketConnectionOptions options = _streamed with { Deflate = deflate };
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create(inline: false);
        var server = new WebSocketConnection(
            new PipeTransport(one),
            WebSocketRole.Server,
            options,
            deflate: deflated ? PerMessageDeflate.ForServer(parameters, deflate) : null
        );
        var client = new WebSocketConnection(
            new PipeTransport(other),
            WebSocketRole.Client,
            options,
            deflate: deflated ? PerMessageDeflate.ForClient(parameters, deflate) : null
        );
        server.Start();
        client.Start();
        return (server, client);
    }
}
