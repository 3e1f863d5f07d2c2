namespace Longwire.Tests;

public sealed class SendHalfTests
{
    private readonly ManualTransport _transport = new();

    private SendTarget Target => new(_transport, WebSocketRole.Server, null);

    [Fact]
    public void The_output_changes_hands_as_the_picture_says_and_nothing_that_must_hold_breaks()
    {
        var half = new SendHalf();
        half.Hold();
        Assert.True(half.IsHeld && half.IsFlushing);
        Assert.False(Write(ref half), "Held, it queues.");
        Assert.NotEqual(0, half.EndFlush(Target, SendQueue.SliceBytes));
        Assert.True(half.IsFlushing && !half.IsHeld);
        Assert.Equal(0, half.EndFlush(Target, SendQueue.SliceBytes));
        Assert.False(half.IsFlushing);
        Assert.True(Write(ref half), "Nobody's, it is written and flushed.");
        Assert.Equal(0, half.EndFlush(Target, SendQueue.SliceBytes));
        half.BeginRead(plain: true);
        Assert.True(half.IsReading);
        Assert.True(half.TryWriteDirect(_transport, MessageType.Text, "direct"u8, null));
        half.TakeDirectBack();
        Assert.False(half.TryWriteDirect(_transport, MessageType.Text, "direct"u8, null));
        Assert.False(Write(ref half), "The reader's, it is flushed at the end of the read.");
        Assert.True(half.EndRead(Target, out bool left));
        Assert.False(left, "This transport wants a flush.");
        Assert.Equal(0, half.EndFlush(Target, SendQueue.SliceBytes));
        Assert.Null(half.FindBrokenInvariant(maySend: true));
    }

    [Fact]
    public void A_queue_that_nobody_drains_breaks_an_invariant()
    {
        var half = new SendHalf();
        half.Hold();
        Write(ref half);
        Assert.Null(half.FindBrokenInvariant(maySend: true));
        half.Release();
        Assert.Equal("While the output is nobody's, nothing is queued", half.FindBrokenInvariant(maySend: true));
    }

    [Fact]
    public void A_reader_that_writes_without_the_lock_behind_this_sides_Close_breaks_an_invariant()
    {
        var half = new SendHalf();
        half.BeginRead(plain: true);
        Assert.Null(half.FindBrokenInvariant(maySend: true));
        Assert.Equal("Nothing is in a direct reader's way", half.FindBrokenInvariant(maySend: false));
        half.TakeDirectBack();
        Assert.Null(half.FindBrokenInvariant(maySend: false));
    }

    [Fact]
    public void What_is_held_behind_this_sides_Close_breaks_an_invariant()
    {
        var half = new SendHalf();
        var connection = new WebSocketConnection(_transport, WebSocketRole.Server);
        Assert.True(half.TryOpen(new WebSocketWriteStream(connection, MessageType.Text, compress: false)));
        Write(ref half);
        Assert.Null(half.FindBrokenInvariant(maySend: true));
        Assert.Equal("Nothing is held that can't be sent any more", half.FindBrokenInvariant(maySend: false));
        half.DropHeld();
        Assert.Null(half.FindBrokenInvariant(maySend: false));
    }

    [Fact]
    public void Leaving_the_lock_with_a_broken_invariant_fails_where_assertions_are_compiled()
    {
        var connection = new WebSocketConnection(_transport, WebSocketRole.Server);
        connection.Sending.Hold();
        connection.TrySend("queued"u8, MessageType.Text);
        connection.Sending.Release();

        string? failure = Record.Exception(() => connection.EnterSendLock().Dispose())?.Message;

#if DEBUG
        Assert.Contains("While the output is nobody's, nothing is queued", failure, StringComparison.Ordinal);
#else
        Assert.Null(failure);
#endif
        Assert.False(Monitor.IsEntered(_transport));
    }

    private bool Write(ref SendHalf half)
    {
        bool flush = half.Write(Target, Opcode.Text, "text"u8);
        Assert.Null(half.FindBrokenInvariant(maySend: true));
        return flush;
    }
}
