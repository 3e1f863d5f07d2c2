using Microsoft.Data.Sqlite;

namespace Longwire.Yjs.Sqlite;

/// <summary>
/// Keeps documents in one SQLite database: updates, in the order in which they came. Thread safe. Several processes may use the database,
/// each for documents of its own.
/// </summary>
public sealed class SqliteYjsStore : IYjsStore, IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    /// <summary>Opens a database, which is made if it isn't there.</summary>
    /// <param name="path">The database's file.</param>
    /// <param name="durability">
    /// The failures that an edit survives. Default <see cref="YjsDurability.Process"/>: the write-ahead log is with the operating system.
    /// </param>
    /// <exception cref="SqliteException">It can't be opened.</exception>
    public SqliteYjsStore(string path, YjsDurability durability = YjsDurability.Process)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute(durability == YjsDurability.Disk ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Execute("CREATE TABLE IF NOT EXISTS yjs_updates (id INTEGER PRIMARY KEY, document TEXT NOT NULL, data BLOB NOT NULL)");
        Execute("CREATE INDEX IF NOT EXISTS yjs_updates_document ON yjs_updates (document, id)");
    }

    /// <inheritdoc/>
    public ValueTask<IYjsDocumentLog> OpenAsync(string document, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(document);
        return ValueTask.FromResult<IYjsDocumentLog>(new SqliteDocumentLog(this, document));
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    internal Task<IReadOnlyList<byte[]>> ReadAsync(string document, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<byte[]>>(
            () =>
            {
                lock (_lock)
                {
                    using SqliteCommand select = Command("SELECT data FROM yjs_updates WHERE document = $document ORDER BY id", document);
                    using SqliteDataReader reader = select.ExecuteReader();
                    var updates = new List<byte[]>();
                    while (reader.Read())
                    {
                        updates.Add(reader.GetFieldValue<byte[]>(0));
                    }

                    return updates;
                }
            },
            cancellationToken
        );

    /// <summary>Writes updates in one transaction, in the place of all that are there or behind them.</summary>
    internal Task WriteAsync(
        string document,
        IReadOnlyList<ReadOnlyMemory<byte>> updates,
        bool replace,
        CancellationToken cancellationToken
    ) =>
        Task.Run(
            () =>
            {
                lock (_lock)
                {
                    using SqliteTransaction transaction = _connection.BeginTransaction();
                    if (replace)
                    {
                        using SqliteCommand delete = Command("DELETE FROM yjs_updates WHERE document = $document", document);
                        delete.ExecuteNonQuery();
                    }

                    using SqliteCommand insert = Command("INSERT INTO yjs_updates (document, data) VALUES ($document, $data)", document);
                    SqliteParameter data = insert.Parameters.Add("$data", SqliteType.Blob);
                    foreach (ReadOnlyMemory<byte> update in updates)
                    {
                        data.Value = update.ToArray();
                        insert.ExecuteNonQuery();
                    }

                    transaction.Commit();
                }
            },
            cancellationToken
        );

    private SqliteCommand Command(string text, string document)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("$document", document);
        return command;
    }

    private void Execute(string text)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
