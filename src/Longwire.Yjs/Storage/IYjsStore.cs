namespace Longwire.Yjs;

/// <summary>Keeps documents. Thread safe.</summary>
/// <remarks>
/// <see cref="FileYjsStore"/> is one. A store of your own passes the same tests when each log keeps what <see cref="IYjsDocumentLog"/>
/// promises.
/// </remarks>
public interface IYjsStore
{
    /// <summary>
    /// Opens the log of a document, which may be new. The endpoint opens it once at a time and disposes of it when nobody edits any more.
    /// </summary>
    /// <param name="document">The document's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Exception">Any: the document can't be opened; clients are told to come back later.</exception>
    ValueTask<IYjsDocumentLog> OpenAsync(string document, CancellationToken cancellationToken = default);
}
