using System.Net.WebSockets;

namespace Longwire.Yjs.Tests;

/// <summary>The cost of a storm of joins to a server.</summary>
public sealed class JoinMemoryTests
{
    private const int Joins = 150;
    private const int DocumentBytes = 20 << 20;

    [Fact]
    public async Task A_storm_of_joins_encodes_the_document_once_and_takes_less_than_ten_times_its_memory()
    {
        await using var server = new DocumentServer("file");
        await server.StartAsync();
        await WriteAsync(server);
        (long answersBefore, long allocatedBefore) = await server.CostAsync();
        long residentBefore = server.ResidentBytes;

        StormClient[] clients = await Task.WhenAll(Enumerable.Range(0, Joins).Select(_ => StormClient.ConnectAsync(server)));
        long[] received = await Task.WhenAll(clients.Select(static client => client.JoinAsync()));

        Assert.All(received, static bytes => Assert.InRange(bytes, DocumentBytes, DocumentBytes + (1 << 20)));
        (long answers, long allocated) = await server.CostAsync();
        Assert.Equal(1, answers - answersBefore);
        Assert.InRange(allocated - allocatedBefore, DocumentBytes, 10L * DocumentBytes);
        long most = server.MostResidentBytes - residentBefore;
        Assert.True(most < 10L * DocumentBytes, $"{most:N0} bytes more than before, for a document of {DocumentBytes:N0}.");
        Array.ForEach(clients, static client => client.Dispose());
    }

    // A document of many writers, which nobody is about to be answered with.
    private static async Task WriteAsync(DocumentServer server)
    {
        const int Pieces = 80;
        await using YjsPeer observer = await server.JoinAsync("doc");
        await using YjsPeer writer = await server.ConnectAsync("doc");
        for (int i = 0; i < Pieces; i++)
        {
            writer.Write(Edits.Insert(100 + i, 0, new string((char)('a' + (i % 26)), DocumentBytes / Pieces)));
            await Patience.UntilAsync(() => writer.Connection.PendingSendBytes < 256 << 10, "there is room");
        }

        await Patience.UntilAsync(() => observer.ClockOf(100 + Pieces - 1) > 0, "the last piece has come");
    }

    /// <summary>Keeps nothing of what it is sent.</summary>
    private sealed class StormClient : IDisposable
    {
        private readonly ClientWebSocket _socket = new();

        public static async Task<StormClient> ConnectAsync(DocumentServer server)
        {
            var client = new StormClient();
            client._socket.Options.Proxy = null;
            await client._socket.ConnectAsync(server.Address("doc"), CancellationToken.None).WaitAsync(Patience.Long);
            return client;
        }

        /// <summary>Asks for all, and counts its bytes until the answer has ended.</summary>
        public async Task<long> JoinAsync()
        {
            await _socket.SendAsync(new byte[] { 0, 0, 1, 0 }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            byte[] buffer = new byte[64 << 10];
            long bytes = 0;
            while (true)
            {
                ValueWebSocketReceiveResult piece = await ReceiveAsync();
                bool isEndOfAnswer = buffer is [0, 1, ..];
                bytes += piece.Count;
                while (!piece.EndOfMessage)
                {
                    piece = await ReceiveAsync();
                    bytes += piece.Count;
                }

                if (isEndOfAnswer)
                {
                    return bytes;
                }
            }

            async Task<ValueWebSocketReceiveResult> ReceiveAsync()
            {
                ValueWebSocketReceiveResult piece = await _socket
                    .ReceiveAsync(buffer.AsMemory(), CancellationToken.None)
                    .AsTask()
                    .WaitAsync(Patience.Long);
                Assert.Equal(WebSocketMessageType.Binary, piece.MessageType);
                return piece;
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
