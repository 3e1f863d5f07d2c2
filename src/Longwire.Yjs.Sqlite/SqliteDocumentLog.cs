namespace Longwire.Yjs.Sqlite;

/// <summary>One document's rows.</summary>
internal sealed class SqliteDocumentLog(SqliteYjsStore store, string document) : IYjsDocumentLog
{
    /// <inheritdoc/>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<byte[]> updates = await store.ReadAsync(document, cancellationToken);
        Bytes = updates.Sum(static update => (long)update.Length);
        return updates;
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> updates, CancellationToken cancellationToken = default)
    {
        await store.WriteAsync(document, updates, replace: false, cancellationToken);
        Bytes += updates.Sum(static update => (long)update.Length);
    }

    /// <inheritdoc/>
    public async ValueTask ReplaceAsync(ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
    {
        await store.WriteAsync(document, [state], replace: true, cancellationToken);
        Bytes = state.Length;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
