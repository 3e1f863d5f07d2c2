using System.Buffers;

namespace Longwire.Tests;

public sealed class SendQueueTests
{
    [Fact]
    public void Only_messages_sent_to_make_room_do_so_those_of_the_key_first_and_then_the_oldest()
    {
        var queue = new SendQueue();
        queue.Add(Opcode.Text, "answer"u8, compress: false);
        queue.Add(Prepared("exact"));
        queue.Add(Prepared("a1"), SendOptions.Latest("a"));
        queue.Add(Prepared("b1"), SendOptions.Latest("b"));
        queue.Add(Prepared("c1"), new SendOptions { WhenFull = SendQueueFullMode.DropOldest });
        queue.Add(Prepared("b2"), SendOptions.Latest("b"));

        // Room for one, and for what is shorter: the key's oldest goes.
        Assert.True(queue.TryMakeRoom(2, (int)queue.Cost, "b"));
        Assert.True(queue.TryMakeRoom(2, (int)queue.Cost, "nothing"));
        Assert.Equal(["answer", "exact", "c1", "b2"], Sent(queue));

        queue.Add(Prepared("exact"));
        queue.Add(Prepared("b3"), SendOptions.Latest("b"));
        Assert.False(queue.TryMakeRoom(1_000, (int)queue.Cost, "b"));
        Assert.Equal(["exact"], Sent(queue));

        static PreparedMessage Prepared(string text) => new(System.Text.Encoding.UTF8.GetBytes(text), MessageType.Text);

        static List<string> Sent(SendQueue queue)
        {
            var output = new ArrayBufferWriter<byte>();
            queue.Drain(output, WebSocketRole.Server, deflate: null);
            var sent = new List<string>();
            for (ReadOnlySpan<byte> rest = output.WrittenSpan; !rest.IsEmpty; rest = rest[(2 + rest[1])..])
            {
                sent.Add(System.Text.Encoding.UTF8.GetString(rest.Slice(2, rest[1])));
            }

            return sent;
        }
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Whatever_is_done_to_it_the_queue_sends_what_a_list_would_send(WebSocketRole role) =>
        Seeded.Run(
            100,
            random =>
            {
                var queue = new SendQueue();
                var list = new NaiveQueue();
                var output = new ArrayBufferWriter<byte>();
                for (int step = 0; step < 60; step++)
                {
                    byte[] payload = new byte[random.Next(10) == 0 ? random.Next(200_000) : random.Next(126)];
                    random.NextBytes(payload);
                    switch (random.Next(8))
                    {
                        case 0 or 1 or 2:
                            queue.Add(Opcode.Binary, payload, compress: true);
                            list.Add(Transcript.Message(MessageType.Binary, payload), payload.Length);
                            break;
                        case 3:
                            queue.Add(new PreparedMessage(payload, MessageType.Binary));
                            list.Add(Transcript.Message(MessageType.Binary, payload), payload.Length);
                            break;
                        case 4:
                            byte[] control = payload[..Math.Min(payload.Length, 125)];
                            queue.AddPong(control);
                            list.AddPong(Transcript.Pong(control), control.Length);
                            break;
                        case 5:
                            byte[] ping = payload[..Math.Min(payload.Length, 125)];
                            queue.Add(Opcode.Ping, ping, compress: false);
                            list.Add(Transcript.Ping(ping), ping.Length, control: true);
                            break;
                        case 6:
                            int limit = random.Next(3) == 0 ? 0 : random.Next(100_000);
                            queue.MakeRoom(payload.Length, limit);
                            list.MakeRoom(payload.Length, limit);
                            break;
                        default:
                            long before = queue.Bytes;
                            queue.Drain(output, role, deflate: null);
                            list.Drain(before - queue.Bytes);
                            break;
                    }

                    Assert.Equal(list.Bytes, queue.Bytes);
                    Assert.Equal(list.IsEmpty, queue.IsEmpty);
                }

                if (random.Next(4) == 0)
                {
                    queue.Release();
                    Assert.True(queue.IsEmpty);
                    Assert.Equal(0, queue.Bytes);
                    return;
                }

                while (!queue.IsEmpty)
                {
                    Assert.InRange(queue.Drain(output, role, deflate: null), 1, SendQueue.SliceBytes + 200);
                }

                list.Drain(list.Bytes);
                WebSocketRole peer = role == WebSocketRole.Server ? WebSocketRole.Client : WebSocketRole.Server;
                Assert.Equal(
                    list.Sent,
                    Transcript.Of(peer, [output.WrittenSpan.ToArray()], new ReceiverLimits { MaxMessageBytes = 1 << 20 })
                );
            }
        );

    /// <summary>A list of what waits; it is drained by as many bytes as the queue says it has sent.</summary>
    private sealed class NaiveQueue
    {
        private readonly List<Item> _items = [];
        private Item? _pong;

        public List<string> Sent { get; } = [];

        public bool IsEmpty => _items.Count == 0;

        public long Bytes => _items.Sum(item => (long)item.Left);

        public void Add(string line, int length, bool control = false) =>
            _items.Add(
                new Item
                {
                    Line = line,
                    Length = length,
                    Left = length,
                    Control = control,
                }
            );

        public void AddPong(string line, int length)
        {
            if (_pong is null || !_items.Contains(_pong))
            {
                Add(line, length, control: true);
                _pong = _items[^1];
                return;
            }

            _pong.Line = line;
            _pong.Length = _pong.Left = length;
        }

        public void MakeRoom(int bytes, int limit)
        {
            for (int i = 0; i < _items.Count && Bytes + (64 * _items.Count) + bytes + 64 > limit; )
            {
                if (_items[i].Control || _items[i].Begun)
                {
                    i++;
                }
                else
                {
                    _items.RemoveAt(i);
                }
            }
        }

        public void Drain(long bytes)
        {
            // The queue drains at most one slice: an item of no bytes goes with the one before it, or ends the drain.
            while (_items.Count != 0 && (bytes > 0 || _items[0].Left == 0))
            {
                int taken = (int)Math.Min(bytes, _items[0].Left);
                _items[0].Left -= taken;
                _items[0].Begun = true;
                bytes -= taken;
                if (_items[0].Left != 0)
                {
                    break;
                }

                Sent.Add(_items[0].Line);
                _items.RemoveAt(0);
            }
        }

        private sealed class Item
        {
            public required string Line { get; set; }

            public int Length { get; set; }

            public int Left { get; set; }

            public bool Control { get; init; }

            public bool Begun { get; set; }
        }
    }
}
