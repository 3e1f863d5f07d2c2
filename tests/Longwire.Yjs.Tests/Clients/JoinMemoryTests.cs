using Longwire.Client;

namespace Longwire.Yjs.Tests;

/// <summary>What a storm of joins costs a server in memory.</summary>
public sealed class JoinMemoryTests
{
    private const int Joins = 40;
    private const int DocumentBytes = 16 << 20;

    [Fact]
    public async Task A_storm_of_joins_takes_less_than_ten_times_the_document()
    {
        await using EditorServer server = await EditorServer.StartAsync();
        string document = (await server.NewDocumentAsync())["/editor/".Length..];
        await using YjsPeer writer = await server.ConnectAsync(document);
        // A writer for each piece, so that none is joined with another.
        const int Pieces = 64;
        for (int i = 0; i < Pieces; i++)
        {
            writer.Write(Edits.Insert(100 + i, 0, new string((char)('a' + (i % 26)), DocumentBytes / Pieces)));
            await Patience.UntilAsync(() => writer.Connection.PendingSendBytes < 256 << 10, "there is room");
        }

        CountingClient first;
        do
        {
            first = await CountingClient.ConnectAsync(server, document);
            await first.Synced.WaitAsync(Patience.Long);
        } while (first.Bytes < DocumentBytes);

        long before = server.ResidentBytes;
        CountingClient[] clients = await Task.WhenAll(
            Enumerable.Range(0, Joins).Select(_ => CountingClient.ConnectAsync(server, document))
        );
        await Task.WhenAll(clients.Select(static client => client.Synced.WaitAsync(Patience.Long)));
        Assert.All(clients, static client => Assert.True(client.Bytes > DocumentBytes, $"{client.Bytes} bytes"));
        long most = server.MostResidentBytes - before;
        Assert.True(most < 9L * DocumentBytes, $"{most:N0} bytes more than before, for a document of {DocumentBytes:N0}.");
    }

    // Keeps nothing of what it is sent.
    private sealed class CountingClient : WebSocketHandler
    {
        private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes { get; private set; }

        public Task Synced => _synced.Task;

        public static async Task<CountingClient> ConnectAsync(EditorServer server, string document)
        {
            var client = new CountingClient();
            WebSocketConnection connection = await WebSocketClient.ConnectAsync(server.Address(document), client, YjsServer.ClientOptions);
            connection.TrySend([0, 0, 1, 0], MessageType.Binary);
            return client;
        }

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            Bytes += payload.Length;
            if (payload is [0, 1, ..])
            {
                _synced.TrySetResult();
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
            _synced.TrySetException(new InvalidOperationException($"Closed with {status}: {reason}"));
    }
}
