namespace Longwire.Yjs;

/// <summary>The stored updates of one document, one behind the other. The endpoint makes one call at a time.</summary>
public interface IYjsDocumentLog : IAsyncDisposable
{
    /// <summary>How many bytes are stored now, about. The endpoint asks for a replacement when they have doubled.</summary>
    long Bytes { get; }

    /// <summary>All that is stored. Called once, first.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores updates. When the task completes they survive the end of this process, however it comes: other clients see them only then.
    /// </summary>
    /// <param name="updates">The updates, valid until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Exception">
    /// Any: they may not be stored. The endpoint closes the document, whose clients still have them and come back.
    /// </exception>
    ValueTask AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> updates, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores one update in the place of all that are stored, which it contains. Whenever the process ends, either they or it are there.
    /// </summary>
    /// <param name="state">The update.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Exception">Any: what was stored before still is.</exception>
    ValueTask ReplaceAsync(ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default);
}
