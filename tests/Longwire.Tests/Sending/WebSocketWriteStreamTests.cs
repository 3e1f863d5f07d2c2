using System.Buffers;

namespace Longwire.Tests;

/// <summary>Messages that are sent as they are written.</summary>
public sealed class WebSocketWriteStreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private static string Seen(string text) => Transcript.Message(MessageType.Text, Wire.Utf8(text));

    private static WebSocketWriteStream Open(Bench bench, MessageType type = MessageType.Text)
    {
        ValueTask<WebSocketWriteStream> opening = bench.Connection.OpenMessageAsync(type);
        Assert.True(opening.IsCompletedSuccessfully);
        return opening.GetAwaiter().GetResult();
    }

    private static Task WriteAsync(WebSocketWriteStream message, string text) => message.WriteAsync(Wire.Utf8(text)).AsTask();

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public async Task Each_write_is_a_fragment_and_completing_ends_the_message(WebSocketRole role)
    {
        var bench = new Bench(role);
        await using (WebSocketWriteStream message = Open(bench))
        {
            await WriteAsync(message, "Hel");
            await WriteAsync(message, "");
            await WriteAsync(message, "lo");
            Assert.Empty(bench.Transport.PeerSees());
            await message.CompleteAsync();
            Assert.False(message.CanWrite);
            await message.CompleteAsync();
        }

        int mask = role == WebSocketRole.Client ? 4 : 0;
        Assert.Equal([Seen("Hello")], bench.Transport.PeerSees());
        Assert.Equal((3 * (2 + mask)) + 5, bench.Transport.Sent.Length);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
    }

    [Fact]
    public async Task The_last_part_may_end_the_message_itself()
    {
        var bench = new Bench();
        await using (WebSocketWriteStream message = Open(bench))
        {
            await message.CompleteAsync(Wire.Utf8("Hello"));
        }

        Assert.Equal(7, bench.Transport.Sent.Length);
        Assert.Equal([Seen("Hello")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task A_message_without_writes_is_empty()
    {
        var bench = new Bench();
        await using (WebSocketWriteStream message = Open(bench, MessageType.Binary))
        {
            await message.CompleteAsync();
        }

        Assert.Equal([Transcript.Message(MessageType.Binary, [])], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task Other_messages_wait_behind_it_in_order_and_control_frames_go_between()
    {
        var bench = new Bench();
        await using WebSocketWriteStream message = Open(bench);
        await WriteAsync(message, "one ");
        Assert.True(bench.Send("second"));
        Assert.True(bench.Connection.TrySend(new PreparedMessage("third"u8, MessageType.Text)));
        Assert.True(bench.SendAsync("fourth").IsCompletedSuccessfully);
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 9, Wire.Utf8("ping")));
        await WriteAsync(message, "message");
        Assert.Equal(["Pong 'ping'"], bench.Transport.PeerSees());
        Assert.Equal(17, bench.Connection.PendingSendBytes);
        await message.CompleteAsync();
        Assert.Equal(["Pong 'ping'", Seen("one message"), Seen("second"), Seen("third"), Seen("fourth")], bench.Transport.PeerSees());
        Assert.Equal(0, bench.Connection.PendingSendBytes);
    }

    [Fact]
    public async Task A_second_message_opens_when_the_first_has_ended_and_what_was_sent_after_goes_behind_both()
    {
        var bench = new Bench();
        WebSocketWriteStream first = Open(bench);
        Assert.True(bench.Send("between"));
        ValueTask<WebSocketWriteStream> opening = bench.Connection.OpenMessageAsync(MessageType.Text);
        ValueTask behind = bench.SendAsync("behind");
        Assert.False(opening.IsCompleted);
        Assert.False(behind.IsCompleted);
        await first.CompleteAsync(Wire.Utf8("first"));
        WebSocketWriteStream second = await opening.AsTask().WaitAsync(_patience);
        await behind.AsTask().WaitAsync(_patience);
        await second.CompleteAsync(Wire.Utf8("second"));
        Assert.Equal([Seen("first"), Seen("between"), Seen("second"), Seen("behind")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_its_turn_lets_those_behind_go_on()
    {
        var bench = new Bench();
        WebSocketWriteStream first = Open(bench);
        using var cancel = new CancellationTokenSource();
        Task<WebSocketWriteStream> opening = bench.Connection.OpenMessageAsync(MessageType.Text, cancellationToken: cancel.Token).AsTask();
        Task behind = bench.SendAsync("behind").AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        await behind.WaitAsync(_patience);
        await first.CompleteAsync(Wire.Utf8("first"));
        Assert.Equal([Seen("first"), Seen("behind")], bench.Transport.PeerSees());
    }

    [Theory]
    [InlineData(SendQueueFullMode.DropOldest)]
    [InlineData(SendQueueFullMode.Disconnect)]
    public async Task What_is_held_is_bounded_as_the_queue_is(SendQueueFullMode mode)
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { SendQueueBytes = 400, SendQueueFullMode = mode });
        WebSocketWriteStream message = Open(bench);
        await WriteAsync(message, "first");
        Task<WebSocketWriteStream> opening = bench.Connection.OpenMessageAsync(MessageType.Text).AsTask();
        for (int i = 0; i < 4; i++)
        {
            Assert.True(bench.Send(i + new string('x', 9)));
        }

        for (int i = 4; i < 10; i++)
        {
            bench.Send(i + new string('x', 9));
            Assert.InRange(bench.Connection.PendingSendBytes, 0, 400);
        }

        if (mode == SendQueueFullMode.DropOldest)
        {
            await message.CompleteAsync();
            Assert.Equal(
                [Seen("first"), .. Enumerable.Range(5, 5).Select(static i => Seen(i + new string('x', 9)))],
                bench.Transport.PeerSees()
            );
        }
        else
        {
            Assert.Equal([Transcript.Close(1008, "Too slow")], bench.Transport.PeerSees());
            await Assert.ThrowsAsync<WebSocketClosedException>(() => opening);
        }
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public async Task A_write_waits_while_the_peer_does_not_keep_up_and_no_more_than_two_fragments_are_held(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.HoldsFlushes = true;
        byte[] payload = new byte[1 << 20];
        new Random(1).NextBytes(payload);
        WebSocketWriteStream message = Open(bench, MessageType.Binary);
        Task writing = message.WriteAsync(payload).AsTask();
        for (int flushes = 0; !writing.IsCompleted; flushes++)
        {
            Assert.True(flushes < 100);
            Assert.InRange(bench.Connection.PendingSendBytes, 0, 64 << 10);
            if (SpinWait.SpinUntil(() => bench.Connection.PendingSendBytes != 0 || writing.IsCompleted, _patience))
            {
                bench.Transport.EndFlush();
            }
        }

        Task completing = message.CompleteAsync().AsTask();
        while (bench.Transport.FlushIsUnderWay || !completing.IsCompleted)
        {
            Assert.True(SpinWait.SpinUntil(() => bench.Transport.FlushIsUnderWay || completing.IsCompleted, _patience));
            if (bench.Transport.FlushIsUnderWay)
            {
                bench.Transport.EndFlush();
            }
        }

        await completing;
        Assert.Equal([Transcript.Message(MessageType.Binary, payload)], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task A_message_that_is_not_completed_closes_the_connection()
    {
        var bench = new Bench();
        await using (WebSocketWriteStream message = Open(bench))
        {
            await WriteAsync(message, "half");
            bench.Send("never sent");
        }

        Assert.Equal([Transcript.Close(1011, "A message was begun and not finished")], bench.Transport.PeerSees());
        Assert.Equal(0, bench.Connection.PendingSendBytes);
    }

    [Fact]
    public async Task A_cancelled_write_closes_the_connection()
    {
        var bench = new Bench();
        WebSocketWriteStream message = Open(bench);
        await WriteAsync(message, "half");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            message.WriteAsync(Wire.Utf8("more"), new CancellationToken(true)).AsTask()
        );
        Assert.Equal([Transcript.Close(1011, "A message was begun and not finished")], bench.Transport.PeerSees());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => WriteAsync(message, "more"));
    }

    [Fact]
    public async Task A_message_that_is_given_up_before_its_first_fragment_is_no_harm()
    {
        var bench = new Bench();
        await using (WebSocketWriteStream message = Open(bench))
        {
            bench.Send("behind");
        }

        Assert.Equal([Seen("behind")], bench.Transport.PeerSees());
        Assert.True(bench.Send("after"));
        Assert.Equal([Seen("behind"), Seen("after")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task A_closing_connection_ends_writes_those_that_wait_too()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        WebSocketWriteStream message = Open(bench);
        await WriteAsync(message, "under way");
        await WriteAsync(message, "queued");
        Task waiting = WriteAsync(message, "waiting");
        Task opening = bench.Connection.OpenMessageAsync(MessageType.Text).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.True(bench.Connection.TryClose(CloseStatus.GoingAway));
        await Assert.ThrowsAsync<WebSocketClosedException>(() => waiting.WaitAsync(_patience));
        await Assert.ThrowsAsync<WebSocketClosedException>(() => opening.WaitAsync(_patience));
        bench.Transport.ReleaseFlush();
        Assert.Equal([Transcript.Close(1001)], bench.Transport.PeerSees());
        await Assert.ThrowsAsync<WebSocketClosedException>(() => bench.Connection.OpenMessageAsync(MessageType.Text).AsTask());
    }

    [Fact]
    public async Task It_is_written_asynchronously_only()
    {
        var bench = new Bench();
        await using WebSocketWriteStream message = Open(bench);
        Assert.Throws<NotSupportedException>(() => message.Write([1]));
        await message.CompleteAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 << 10)]
    [InlineData((64 << 10) + 1)]
    [InlineData(300_000)]
    public async Task A_sequence_is_one_message(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        var bench = new Bench(WebSocketRole.Client);
        await bench.Connection.SendAsync(Cut(payload, 1000), MessageType.Binary);
        bench.Send("behind");
        Assert.Equal([Transcript.Message(MessageType.Binary, payload), Seen("behind")], bench.Transport.PeerSees());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 << 10)]
    [InlineData(200_000)]
    public async Task A_file_is_one_message(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, payload);
            var bench = new Bench();
            await bench.Connection.SendFileAsync(path);
            Assert.Equal([Transcript.Message(MessageType.Binary, payload)], bench.Transport.PeerSees());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_no_harm()
    {
        var bench = new Bench();
        await Assert.ThrowsAsync<FileNotFoundException>(() => bench.Connection.SendFileAsync("/nowhere at all").AsTask());
        Assert.True(bench.Send("after"));
        Assert.Equal([Seen("after")], bench.Transport.PeerSees());
    }

    private static ReadOnlySequence<byte> Cut(byte[] payload, int size)
    {
        var first = new Piece(payload.AsMemory(0, Math.Min(size, payload.Length)), null);
        Piece last = first;
        for (int position = size; position < payload.Length; position += size)
        {
            last = new Piece(payload.AsMemory(position, Math.Min(size, payload.Length - position)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
