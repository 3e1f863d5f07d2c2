using System.Buffers;

namespace Longwire.Protocol.Tests;

public sealed class PerMessageDeflateTests
{
    private static readonly DeflateOptions _options = new() { Enabled = true };

    private static DeflateParameters Agreed(bool takeover, int windowBits = 15) => new(!takeover, !takeover, windowBits, windowBits);

    private static byte[] Send(PerMessageDeflate from, ReadOnlySpan<byte> message)
    {
        var output = new ArrayBufferWriter<byte>();
        from.Deflate(message, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[]? Receive(PerMessageDeflate to, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>();
        return to.Inflate(payload, endOfMessage: true, 1 << 20, output) == InflateStatus.Ok ? output.WrittenSpan.ToArray() : null;
    }

    [Fact]
    public void Both_ends_understand_each_other_with_every_combination_of_parameters()
    {
        using var pool = new DeflatePool();
        foreach (bool serverFresh in (bool[])[true, false])
        {
            foreach (bool clientFresh in (bool[])[true, false])
            {
                for (int serverBits = 8; serverBits <= 15; serverBits++)
                {
                    for (int clientBits = 8; clientBits <= 15; clientBits++)
                    {
                        var agreed = new DeflateParameters(serverFresh, clientFresh, serverBits, clientBits);
                        using PerMessageDeflate server = PerMessageDeflate.ForServer(agreed, _options, pool);
                        using PerMessageDeflate client = PerMessageDeflate.ForClient(agreed, _options, pool);
                        Assert.Equal(serverBits > 8, server.CanDeflate);
                        Assert.Equal(clientBits > 8, client.CanDeflate);
                        Assert.Equal(serverBits > 8 && !serverFresh, server.TakesContextOver);
                        for (int round = 0; round < 3; round++)
                        {
                            byte[] message = DeflateSamples.Json(round, 1500);
                            if (server.CanDeflate)
                            {
                                Assert.Equal(message, Receive(client, Send(server, message)));
                            }

                            if (client.CanDeflate)
                            {
                                Assert.Equal(message, Receive(server, Send(client, message)));
                            }
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void With_a_window_of_eight_bits_nothing_is_compressed()
    {
        using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(true, 8), _options);
        Assert.False(client.ShouldDeflate(1_000_000));
        Assert.Throws<InvalidOperationException>(() => Send(client, "x"u8));
    }

    [Fact]
    public void Short_messages_go_uncompressed_only_without_context_takeover()
    {
        using PerMessageDeflate fresh = PerMessageDeflate.ForServer(Agreed(false), _options);
        Assert.False(fresh.ShouldDeflate(255));
        Assert.True(fresh.ShouldDeflate(256));
        using PerMessageDeflate takeover = PerMessageDeflate.ForServer(Agreed(true), _options);
        Assert.True(takeover.ShouldDeflate(0));
        using PerMessageDeflate always = PerMessageDeflate.ForServer(Agreed(false), _options with { ThresholdBytes = 0 });
        Assert.False(always.ShouldDeflate(0));
        Assert.True(always.ShouldDeflate(1));
    }

    [Fact]
    public void A_message_of_fragments_with_others_between_keeps_its_stream()
    {
        using var pool = new DeflatePool();
        foreach (bool takeover in (bool[])[true, false])
        {
            using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
            using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(takeover), _options, pool);
            using PerMessageDeflate other = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
            for (int round = 0; round < 3; round++)
            {
                byte[] message = DeflateSamples.Json(round, 5000);
                var sent = new ArrayBufferWriter<byte>();
                server.DeflatePart(message.AsSpan(0, 2000), sent, flush: true);
                Send(other, "another connection's message"u8);
                server.Deflate(message.AsSpan(2000), sent);
                var read = new ArrayBufferWriter<byte>();
                Assert.Equal(InflateStatus.Ok, client.Inflate(sent.WrittenSpan[..100], endOfMessage: false, 5000, read));
                Assert.Equal([0x61], Receive(other, DeflateSamples.Hex("4a 04 00")));
                Assert.Equal(InflateStatus.Ok, client.Inflate(sent.WrittenSpan[100..], endOfMessage: true, 5000, read));
                Assert.Equal(message, read.WrittenSpan.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broadcast_compressed_once_is_read_by_all_and_own_messages_go_on(bool takeover)
    {
        using var pool = new DeflatePool();
        using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
        using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(takeover), _options, pool);
        for (int round = 0; round < 5; round++)
        {
            byte[] own = DeflateSamples.Json(round / 2, 1500);
            Assert.Equal(own, Receive(client, Send(server, own)));
            byte[] broadcast = DeflateSamples.Json(round, 2000);
            var compressed = new ArrayBufferWriter<byte>();
            pool.Deflate(broadcast, server.Settings, compressed);
            Assert.Equal(broadcast, Receive(client, compressed.WrittenSpan));
            server.NoteForeignMessage();
        }
    }

    [Fact]
    public void Without_the_note_a_broadcast_would_spoil_the_context()
    {
        // Not a wish: this pins down why NoteForeignMessage exists.
        using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(true), _options);
        using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(true), _options);
        byte[] own = DeflateSamples.Json(1, 1500);
        Receive(client, Send(server, own));
        var compressed = new ArrayBufferWriter<byte>();
        DeflatePool.Shared.Deflate(DeflateSamples.Json(2, 2000), server.Settings, compressed);
        Receive(client, compressed.WrittenSpan);
        byte[]? spoiled = Receive(client, Send(server, own));
        Assert.True(spoiled is null || !spoiled.AsSpan().SequenceEqual(own));
    }

    [Fact]
    public void A_trimmed_context_is_made_anew_and_the_peer_needs_to_know_nothing()
    {
        using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(true), _options);
        using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(true), _options);
        byte[] message = DeflateSamples.Json(1, 1500);
        int first = Send(server, message).Length;
        server.TrimSendContext();
        byte[] again = Send(server, message);
        Assert.Equal(first, again.Length);
        Assert.Equal(message, Receive(client, again));
        Assert.Equal(message, Receive(client, Send(server, message)));
    }

    [Fact]
    public void Without_context_takeover_a_thousand_connections_share_one_stream_each_way()
    {
        using var pool = new DeflatePool();
        var connections = new List<PerMessageDeflate>();
        for (int i = 0; i < 1000; i++)
        {
            connections.Add(PerMessageDeflate.ForServer(Agreed(false), _options, pool));
        }

        Assert.Equal(0, pool.Budget.UsedBytes);
        byte[] message = DeflateSamples.Json(1, 1500);
        foreach (PerMessageDeflate connection in connections)
        {
            Assert.Equal(message, Receive(connection, Send(connection, message)));
        }

        Assert.Equal(connections[0].Settings.MemoryBytes + MessageInflater.MemoryBytes, pool.Budget.UsedBytes);
        connections.ForEach(connection => connection.Dispose());
        pool.Dispose();
        Assert.Equal(0, pool.Budget.UsedBytes);
    }

    [Fact]
    public void Over_the_budget_our_direction_goes_without_context_and_the_peer_reads_it()
    {
        using var pool = new DeflatePool(new DeflateBudget(450_000));
        using PerMessageDeflate first = PerMessageDeflate.ForServer(Agreed(true), _options, pool);
        using PerMessageDeflate second = PerMessageDeflate.ForServer(Agreed(true), _options, pool);
        using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(true), _options, new DeflatePool());
        Assert.True(first.TakesContextOver);
        Assert.False(second.TakesContextOver);
        byte[] message = DeflateSamples.Json(1, 1500);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(message, Receive(client, Send(second, message)));
            Assert.Equal(message, Receive(second, Send(client, message)));
        }
    }

    [Fact]
    public void Disposing_gives_the_budget_back_once()
    {
        using var pool = new DeflatePool();
        PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(true), _options, pool);
        Assert.Equal(server.Settings.MemoryBytes + MessageInflater.MemoryBytes, pool.Budget.UsedBytes);
        Send(server, "x"u8);
        server.Dispose();
        server.Dispose();
        Assert.Equal(0, pool.Budget.UsedBytes);
        Assert.Throws<ObjectDisposedException>(() => Send(server, "x"u8));
        Assert.Throws<ObjectDisposedException>(() => Receive(server, [0]));
    }

    [Fact]
    public void A_connection_closed_in_the_middle_of_messages_gives_the_budget_back_and_pools_nothing_half_used()
    {
        using var pool = new DeflatePool();
        PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(false), _options, pool);
        server.DeflatePart(DeflateSamples.Json(1, 1000), new ArrayBufferWriter<byte>());
        server.Inflate(DeflateSamples.Hex("f2 48"), endOfMessage: false, 100, new ArrayBufferWriter<byte>());
        Assert.NotEqual(0, pool.Budget.UsedBytes);
        server.Dispose();
        Assert.Equal(0, pool.Budget.UsedBytes);
    }

    [Fact]
    public void An_output_that_throws_costs_the_context_and_nothing_else()
    {
        using var pool = new DeflatePool();
        foreach (bool takeover in (bool[])[true, false])
        {
            using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
            using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(takeover), _options, pool);
            byte[] message = DeflateSamples.Json(1, 1500);
            Assert.Equal(message, Receive(client, Send(server, message)));
            Assert.Throws<ArgumentOutOfRangeException>(() => server.Deflate(DeflateSamples.Json(2, 1500), new FullWriter()));
            Assert.Equal(message, Receive(client, Send(server, message)));
        }
    }

    [Fact]
    public void Warm_a_message_both_ways_allocates_nothing()
    {
        foreach (bool takeover in (bool[])[true, false])
        {
            using var pool = new DeflatePool();
            using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
            using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(takeover), _options, pool);
            byte[] message = DeflateSamples.Json(1, 1000);
            var payload = new ArrayBufferWriter<byte>(4096);
            var read = new ArrayBufferWriter<byte>(4096);
            long before = 0;
            for (int round = 0; round < 2000; round++)
            {
                if (round == 1000)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                payload.ResetWrittenCount();
                read.ResetWrittenCount();
                server.Deflate(message, payload);
                client.Inflate(payload.WrittenSpan, endOfMessage: true, 1000, read);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void A_writer_may_be_a_structure_on_the_stack()
    {
        using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(false), _options);
        byte[] message = DeflateSamples.Json(1, 1000);
        var compressed = new StackWriter(stackalloc byte[2000]);
        Assert.Equal(compressed.Count, server.DeflatePart(message.AsSpan(0, 500), ref compressed));
        server.Deflate(message.AsSpan(500), ref compressed);
        var read = new StackWriter(stackalloc byte[1000]);
        Assert.Equal(InflateStatus.Ok, server.Inflate(compressed.Written, endOfMessage: true, 1000, ref read));
        Assert.Equal(message, read.Written.ToArray());
    }

    [Fact]
    public void Disposing_while_other_threads_compress_and_inflate_harms_nobody_else()
    {
        using var pool = new DeflatePool();
        byte[] message = DeflateSamples.Json(1, 3000);
        byte[] payload = Send(PerMessageDeflate.ForServer(Agreed(false), _options, pool), message);
        for (int round = 0; round < 60; round++)
        {
            bool takeover = round % 2 == 0;
            PerMessageDeflate doomed = PerMessageDeflate.ForServer(Agreed(takeover), _options, pool);
            using PerMessageDeflate other = PerMessageDeflate.ForServer(Agreed(false), _options, pool);
            var threads = new List<Thread>
            {
                new(() => UntilDisposed(() => Assert.NotEmpty(Send(doomed, message)))),
                new(() => UntilDisposed(() => Assert.Equal(message, Receive(doomed, payload)))),
            };
            threads.ForEach(thread => thread.Start());
            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(message, Receive(other, Send(other, message)));
            }

            doomed.Dispose();
            threads.ForEach(thread => thread.Join());
            Assert.Equal(message, Receive(other, Send(other, message)));
        }
    }

    [Fact]
    public void Many_threads_share_a_pool()
    {
        using var pool = new DeflatePool(maxIdleDeflaters: 1, maxIdleInflaters: 1);
        var failures = new List<string>();
        var threads = Enumerable
            .Range(0, 4)
            .Select(number => new Thread(() =>
            {
                using PerMessageDeflate server = PerMessageDeflate.ForServer(Agreed(false, 9 + number), _options, pool);
                using PerMessageDeflate client = PerMessageDeflate.ForClient(Agreed(false, 9 + number), _options, pool);
                for (int round = 0; round < 300; round++)
                {
                    byte[] message = DeflateSamples.Json(number + round, 1500);
                    if (Receive(client, Send(server, message)) is not { } read || !read.AsSpan().SequenceEqual(message))
                    {
                        lock (failures)
                        {
                            failures.Add($"thread {number}, round {round}");
                        }
                    }
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }

    private static void UntilDisposed(Action action)
    {
        try
        {
            while (true)
            {
                action();
            }
        }
        catch (ObjectDisposedException)
        {
            // This is how it ends.
        }
    }

    private ref struct StackWriter(Span<byte> memory) : IBufferWriter<byte>
    {
        private readonly Span<byte> _memory = memory;

        public int Count { get; private set; }

        public readonly ReadOnlySpan<byte> Written => _memory[..Count];

        public void Advance(int count) => Count += count;

        public readonly Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public readonly Span<byte> GetSpan(int sizeHint = 0) => _memory[Count..];
    }

    private sealed class FullWriter : IBufferWriter<byte>
    {
        private readonly byte[] _piece = new byte[2000];

        public void Advance(int count) => ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 10);

        public Memory<byte> GetMemory(int sizeHint = 0) => _piece;

        public Span<byte> GetSpan(int sizeHint = 0) => _piece;
    }

    [Fact]
    public void Arguments_that_are_missing_are_named()
    {
        Assert.Throws<ArgumentNullException>("parameters", static () => PerMessageDeflate.ForServer(null!, _options));
        Assert.Throws<ArgumentNullException>("options", static () => PerMessageDeflate.ForServer(Agreed(true), null!));
        Assert.Throws<ArgumentNullException>("parameters", static () => PerMessageDeflate.ForClient(null!, _options));
        Assert.Throws<ArgumentNullException>("options", static () => PerMessageDeflate.ForClient(Agreed(true), null!));
        using PerMessageDeflate deflate = PerMessageDeflate.ForServer(Agreed(true), _options);
        Assert.Throws<ArgumentNullException>("output", () => deflate.Deflate("a"u8, null!));
        Assert.Throws<ArgumentNullException>("output", () => deflate.DeflatePart("a"u8, null!));
        Assert.Throws<ArgumentNullException>("output", () => deflate.Inflate("a"u8, true, 10, null!));
    }

    [Fact]
    public void A_window_of_eight_bits_is_never_compressed_with_and_the_error_says_so()
    {
        using PerMessageDeflate deflate = PerMessageDeflate.ForServer(Agreed(true, windowBits: 8), _options);
        var output = new ArrayBufferWriter<byte>();
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => deflate.Deflate("a"u8, output));
        Assert.Contains("window", exception.Message);
    }
}
