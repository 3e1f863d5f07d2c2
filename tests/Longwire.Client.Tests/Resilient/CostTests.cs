namespace Longwire.Client.Tests;

/// <summary>The cost of receiving. Nothing else may run meanwhile, which would be counted.</summary>
[Collection(nameof(CostTests))]
[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
public sealed class CostTests
{
    private const int Reads = 200;

    // No more at once than the process's pool of memory holds on a single processor: a reader that falls behind takes more.
    private const int Messages = 30;

    [Fact]
    public async Task Receiving_allocates_nothing_for_each_message()
    {
        var server = new PlayedStream();
        await using var socket = new ResilientWebSocket(
            "ws://server.test/",
            new ResilientWebSocketOptions
            {
                // The other end answers nothing, the Close included.
                Socket = new WebSocketClientOptions
                {
                    Connection = new WebSocketConnectionOptions { CloseTimeout = TimeSpan.FromMilliseconds(1) },
                },
                Connect = (_, handler, options, _) =>
                    Task.FromResult(WebSocketConnection.FromStream(server, WebSocketRole.Client, options.Connection, handler)),
            }
        );
        await socket.ConnectAsync().WaitAsync(Patience.Long);
        // Each read of the network costs something, in this test's stream above all; what further messages in it cost is the question.
        long one = long.MaxValue;
        long many = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            one = Math.Min(one, await MeasureAsync(socket, server, messages: 1));
            many = Math.Min(many, await MeasureAsync(socket, server, Messages));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{one} bytes for {Reads} messages, {many} for {Reads * Messages}");
        // A single object a message would be 24 bytes and more.
        Assert.InRange(many - one, long.MinValue, Reads * (Messages - 1) * 8);
    }

    private static async Task<long> MeasureAsync(ResilientWebSocket socket, PlayedStream server, int messages)
    {
        byte[] frame = PlayedStream.Frame("a message of thirty-two letters.");
        byte[] frames = [.. Enumerable.Repeat(frame, messages).SelectMany(static frame => frame)];
        int bytes = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int read = 0; read < Reads; read++)
        {
            // All are there before they are read: a read that has to wait costs something, and how many do is chance.
            await server.PlayAsync(frames).WaitAsync(Patience.Long);
            for (int number = 0; number < messages; number++)
            {
                // An assertion for each would cost more than what is measured.
                bytes += (await socket.ReadAsync()).Payload.Length;
            }
        }

        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(32 * Reads * messages, bytes);
        return allocated;
    }
}
