using System.Text;
using Longwire.Cli.Bench;

namespace Longwire.Cli.Tests;

public sealed class PartsTests
{
    [Theory]
    [InlineData("20", new[] { 20 })]
    [InlineData("20,1024,2KiB", new[] { 20, 1024, 2048 })]
    [InlineData("3x20, 1x1MiB", new[] { 20, 20, 20, 1 << 20 })]
    [InlineData("0", new[] { 0 })]
    public void Sizes_are_read(string text, int[] expected)
    {
        Assert.True(PayloadSizes.TryParse(text, out IReadOnlyList<int> sizes));
        Assert.Equal(expected, sizes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("65MiB")]
    [InlineData("0x20")]
    [InlineData("1x2x3")]
    [InlineData("2000x1")]
    public void What_is_no_size_is_refused(string text) => Assert.False(PayloadSizes.TryParse(text, out _));

    [Theory]
    [InlineData("p99<5ms", "p99", "<", 5000)]
    [InlineData("p99.9 <= 2 s", "p99.9", "<=", 2_000_000)]
    [InlineData("rate>=100k", "rate", ">=", 100_000)]
    [InlineData("reach==100%", "reach", "==", 1)]
    [InlineData("fan-out<20ms", "fan-out", "<", 20_000)]
    [InlineData("bytes<2KiB", "bytes", "<", 2048)]
    [InlineData("per-cpu>1M", "per-cpu", ">", 1_000_000)]
    public void Assertions_are_read(string text, string metric, string comparison, double limit)
    {
        Assert.True(Assertion.TryParse(text, out Assertion? assertion));
        Assert.Equal((metric, comparison, limit), (assertion!.Metric, assertion.Comparison, assertion.Limit));
    }

    [Theory]
    [InlineData("p99")]
    [InlineData("p98<1ms")]
    [InlineData("p99<5")]
    [InlineData("rate>5ms")]
    [InlineData("p99<fast")]
    public void What_can_not_be_asserted_is_refused(string text) => Assert.False(Assertion.TryParse(text, out _));

    [Theory]
    [InlineData("p99<5ms")]
    [InlineData("p99>=0us")]
    [InlineData("bytes<2KiB")]
    [InlineData("reach<200%")]
    public void What_was_not_measured_does_not_hold(string text)
    {
        Assert.True(Assertion.TryParse(text, out Assertion? assertion));
        var options = new BenchOptions { Address = new Uri("ws://127.0.0.1:9/") };
        BenchResult nothing = BenchResult.From(options, new BenchShare { Latency = new LatencyHistogram().ToData() }, workers: 1);
        Assert.False(assertion!.Holds(nothing));
        Assert.Contains("not known", assertion.Show(nothing), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stamp_is_read_as_it_was_written_in_whatever_pieces_it_comes()
    {
        var stamp = new Stamp(7, 12_345, 4_000_000_000, long.MaxValue / 3);
        byte[] message = [.. "{\"text\":\""u8, .. new byte[Stamp.Length], .. "aaaa\"}"u8];
        stamp.Write(message.AsSpan(9));
        for (int cut = 0; cut <= message.Length; cut++)
        {
            var reader = new StampReader(9, message);
            reader.OnPayload(0, message.AsSpan(0, cut));
            reader.OnPayload(cut, message.AsSpan(cut));
            Assert.True(Stamp.TryRead(reader.Bytes, out Stamp read));
            Assert.Equal(stamp, read);
        }

        Assert.False(Stamp.TryRead(Encoding.ASCII.GetBytes(new string('x', Stamp.Length)), out _));
    }

    [Fact]
    public void Frames_are_read_whole_split_at_every_offset_and_byte_by_byte()
    {
        // Small, with a ping between fragments, 126 bytes, empty.
        byte[] medium = new byte[126];
        byte[] wire =
        [
            0x82,
            3,
            1,
            2,
            3,
            0x01,
            2,
            4,
            5,
            0x89,
            2,
            9,
            9,
            0x80,
            1,
            6,
            0x82,
            126,
            0,
            126,
            .. medium,
            0x81,
            0,
            0x82,
            127,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            8,
        ];
        (Opcode, long)[] expected = [(Opcode.Binary, 3), (Opcode.Text, 3), (Opcode.Binary, 126), (Opcode.Text, 0), (Opcode.Binary, 1)];
        for (int cut = 0; cut <= wire.Length; cut++)
        {
            Assert.Equal(expected, Read([wire[..cut], wire[cut..]]));
        }

        Assert.Equal(expected, Read([.. wire.Select(static value => new[] { value })]));
    }

    [Theory]
    [InlineData(new byte[] { 0xC1, 0 })] // compressed, and that was not agreed on
    [InlineData(new byte[] { 0x81, 0x80, 0, 0, 0, 0 })] // masked
    [InlineData(new byte[] { 0x80, 0 })] // the end of a message that has no beginning
    [InlineData(new byte[] { 0x01, 0, 0x81, 0 })] // a message in a message
    [InlineData(new byte[] { 0x83, 0 })] // an opcode that there isn't
    [InlineData(new byte[] { 0x09, 0 })] // a ping in fragments
    public void Frames_that_break_the_rules_end_the_measurement(byte[] wire) =>
        Assert.Equal(ExitCode.ProtocolError, Assert.Throws<BenchFault>(() => Read([wire])).ExitCode);

    [Theory]
    [InlineData(1, 20_000, 1)]
    [InlineData(19_700, 20_000, 1)]
    [InlineData(19_701, 20_000, 2)]
    [InlineData(100_000, 20_000, 6)]
    public void There_are_as_many_workers_as_descriptors_demand(int connections, int descriptors, int workers) =>
        Assert.Equal(workers, BenchCoordinator.WorkersFor(connections, descriptors));

    [Fact]
    public void The_shares_of_the_workers_are_the_whole()
    {
        var options = new BenchOptions
        {
            Address = new Uri("ws://localhost/"),
            Connections = 10,
            Rate = 1000,
            Senders = 3,
            SlowReaders = 2,
        };
        BenchOptions[] shares = [.. Enumerable.Range(0, 4).Select(worker => options.ShareOf(worker, 4))];
        Assert.Equal([3, 3, 2, 2], shares.Select(static share => share.Connections));
        Assert.Equal(1000, shares.Sum(static share => share.Rate), 6);
        Assert.Equal(3, shares.Sum(static share => share.Senders));
        Assert.Equal(2, shares.Sum(static share => share.SlowReaders));
    }

    [Fact]
    public void Shares_add_up_and_a_failure_of_one_is_that_of_all()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(5000);
        var share = new BenchShare
        {
            Connections = 2,
            Seconds = 1,
            Messages = 10,
            Latency = histogram.ToData(),
            Sent = 4,
            Reached = 16,
            Receivers = 2,
            ServerCpuSeconds = 0.5,
            OwnCpuSeconds = 0.2,
        };
        BenchShare sum = BenchShare.Merge([share, share with { Failure = "it fell", ExitCode = 2, Lost = 1 }]);
        Assert.Equal((4, 20, 8, 32, 4), (sum.Connections, sum.Messages, sum.Sent, sum.Reached, sum.Receivers));
        Assert.Equal(("it fell", 2, 1), (sum.Failure, sum.ExitCode, sum.Lost));
        Assert.Equal((0.5, 0.4), (sum.ServerCpuSeconds, sum.OwnCpuSeconds));
        Assert.Equal(2, LatencyHistogram.FromData(sum.Latency!).Count);
        var options = new BenchOptions { Address = new Uri("ws://localhost/"), Mode = BenchMode.Broadcast };
        Assert.Equal(1, BenchResult.From(options, sum, 2).Reach);
    }

    [Theory]
    [InlineData(1, 0.94, false)]
    [InlineData(1, 0.96, true)]
    [InlineData(2, 1.8, false)]
    [InlineData(2, 1.95, true)]
    public void A_client_at_the_end_of_its_cores_says_so(int workers, double ownSeconds, bool isBottleneck)
    {
        var options = new BenchOptions { Address = new Uri("ws://localhost/") };
        var share = new BenchShare
        {
            Seconds = 1,
            Messages = 5,
            Latency = new LatencyHistogram().ToData(),
            OwnCpuSeconds = ownSeconds,
        };
        BenchResult result = BenchResult.From(options, share, workers);
        Assert.Equal(isBottleneck, result.GeneratorIsBottleneck);
        Assert.Equal(isBottleneck, BenchTable.Write(options, result).Contains("BOTTLENECK", StringComparison.Ordinal));
    }

    private static List<(Opcode Opcode, long Bytes)> Read(byte[][] pieces)
    {
        var reader = new FrameReader();
        var messages = new List<(Opcode, long)>();
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> bytes = piece;
            while (reader.TryRead(ref bytes, null, mayCompress: false))
            {
                messages.Add((reader.MessageOpcode, reader.MessageBytes));
            }
        }

        return messages;
    }
}
