namespace Longwire.Yjs.Tests;

/// <summary>A store in memory that fails, or waits, when a test says so.</summary>
internal sealed class MemoryYjsStore : IYjsStore
{
    public List<byte[]> Updates { get; } = [];

    public int Opened { get; private set; }

    public bool IsOpen { get; private set; }

    /// <summary>Completes before anything is stored; a failed one fails it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async ValueTask<IYjsDocumentLog> OpenAsync(string document, CancellationToken cancellationToken = default)
    {
        Assert.False(IsOpen, "A document is open once.");
        Opened++;
        IsOpen = true;
        await Gate;
        return new Log(this);
    }

    private sealed class Log(MemoryYjsStore store) : IYjsDocumentLog
    {
        public long Bytes => store.Updates.Sum(update => (long)update.Length);

        public ValueTask<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken = default) => new([.. store.Updates]);

        public async ValueTask AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> updates, CancellationToken cancellationToken = default)
        {
            await store.Gate;
            store.Updates.AddRange(updates.Select(update => update.ToArray()));
        }

        public ValueTask ReplaceAsync(ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
        {
            store.Updates.Clear();
            store.Updates.Add(state.ToArray());
            return default;
        }

        public ValueTask DisposeAsync()
        {
            store.IsOpen = false;
            return default;
        }
    }
}
