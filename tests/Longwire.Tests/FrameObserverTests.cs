using System.Collections.Concurrent;

namespace Longwire.Tests;

/// <summary>An observer sees each frame of both directions once, in order, and disturbs nobody.</summary>
public sealed class FrameObserverTests
{
    [Theory]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task The_frames_that_one_side_sends_are_those_that_the_other_receives(Joint joint)
    {
        var server = new Observer();
        var client = new Observer();
        var pair = new Pair(joint, new() { FrameObserver = server }, new() { FrameObserver = client });
        await pair.Client.SendAsync("hello");
        await pair.Client.SendAsync(new byte[70_000], MessageType.Binary);
        await using (WebSocketWriteStream parts = await pair.Client.OpenMessageAsync(MessageType.Binary))
        {
            await parts.WriteAsync(new byte[300]);
            await parts.FlushAsync();
            await parts.WriteAsync(new byte[5]);
            await parts.CompleteAsync();
        }

        for (int i = 0; i < 3; i++)
        {
            WebSocketMessage message = await pair.Server.ReadAsync();
            await pair.Server.SendAsync(message.Payload.Length.ToString());
        }

        await pair.Client.PingAsync();
        await Task.WhenAll(pair.Client.CloseAsync(), ReadToEndAsync(pair.Server), ReadToEndAsync(pair.Client));
        await pair.Over;

        Assert.Equal(client.Frames(sent: true), server.Frames(sent: false));
        Assert.Equal(server.Frames(sent: true), client.Frames(sent: false));
        string[] sent = [.. client.Frames(sent: true)];
        Assert.Equal(["Text 5", "Binary 70000"], sent[..2]);
        Assert.Equal(305, sent[2..^2].Sum(static frame => int.Parse(frame.Split(' ')[1].TrimEnd('+'))));
        Assert.StartsWith("Ping 8", sent[^2]);
        Assert.StartsWith("Close", sent[^1]);
        Assert.Equal(["Text 1", "Text 5", "Text 3", "Pong 8"], server.Frames(sent: true).Take(4));
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Frames_that_arrive_byte_by_byte_are_seen_once_and_before_they_are_answered(WebSocketRole role)
    {
        var observer = new Observer();
        var bench = new Bench(role, new() { FrameObserver = observer });
        byte[] input = [.. Wire.To(role, 1, Wire.Utf8("a"), fin: false), .. Wire.To(role, 9, [1]), .. Wire.To(role, 0, new byte[200])];
        foreach (byte one in input)
        {
            bench.Transport.Feed(one);
        }

        Assert.Equal(
            [(false, "Text 1+"), (false, "Ping 1"), (true, "Pong 1"), (false, "Continuation 200")],
            observer.All.Select(static frame => (frame.IsSent, Show(frame)))
        );
    }

    [Fact]
    public void Frames_that_are_fed_again_after_a_pause_are_seen_once()
    {
        var observer = new Observer();
        var bench = new Bench(options: new() { FrameObserver = observer });
        bench.Connection.PauseReceiving();
        bench.Transport.Feed([.. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a")), .. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("bc"))]);
        bench.Connection.ResumeReceiving();
        Assert.Equal(["Text 1", "Text 2"], observer.Frames(sent: false));
        Assert.Equal(3, bench.Handler.Calls.Length);
    }

    [Fact]
    public void An_observer_that_throws_is_called_no_more_and_the_connection_lives()
    {
        var observer = new Observer { Throws = true };
        var bench = new Bench(options: new() { FrameObserver = observer });
        bench.Transport.FeedText("a");
        bench.Transport.FeedText("b");
        Assert.True(bench.Send("c"));
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Assert.Equal(3, bench.Handler.Calls.Length);
        Assert.Equal(2, observer.All.Count);
    }

    private static async Task ReadToEndAsync(WebSocketConnection connection)
    {
        await foreach (WebSocketMessage _ in connection.ReadAllAsync())
        {
            // Until the end.
        }
    }

    private static string Show(WebSocketFrame frame) => $"{frame.Opcode} {frame.PayloadLength}{(frame.IsFinal ? "" : "+")}";

    private sealed class Observer : IWebSocketFrameObserver
    {
        public ConcurrentQueue<WebSocketFrame> All { get; } = [];

        public bool Throws { get; init; }

        public IEnumerable<string> Frames(bool sent) => All.Where(frame => frame.IsSent == sent).Select(Show);

        public void OnFrame(WebSocketConnection connection, in WebSocketFrame frame)
        {
            All.Enqueue(frame);
            if (Throws)
            {
                throw new InvalidOperationException("Broken on purpose.");
            }
        }
    }
}
