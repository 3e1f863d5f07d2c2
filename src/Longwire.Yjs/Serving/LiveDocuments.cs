using Microsoft.Extensions.Logging;

namespace Longwire.Yjs;

/// <summary>
/// The documents of an endpoint that are in memory. Each is loaded once, however many want it at the same time, and leaves when it has been
/// idle. Thread safe.
/// </summary>
internal sealed partial class LiveDocuments(YjsOptions options, YjsMetrics metrics, ILogger logger)
{
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _longestEnd = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private ITimer? _sweep;
    private bool _isClosed;

    /// <summary>The document of a name, in memory from now on.</summary>
    /// <returns>Null and why not, when there are too many, it is full or can't be loaded.</returns>
    public async Task<(LiveDocument? Document, string? Refusal)> OpenAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Entry? entry;
            lock (_lock)
            {
                if (_isClosed)
                {
                    return (null, "The server is going away: come back later.");
                }

                if (!_entries.TryGetValue(name, out entry))
                {
                    if (_entries.Count >= options.MaxDocuments)
                    {
                        return (null, "Too many documents are open: come back later.");
                    }

                    _sweep ??= options.Endpoint.Connection.TimeProvider.CreateTimer(
                        static documents => ((LiveDocuments)documents!).Sweep(),
                        this,
                        _sweepInterval,
                        _sweepInterval
                    );
                    entry = new Entry(Task.Run(() => LoadAsync(name)));
                    _entries.Add(name, entry);
                }
            }

            if (entry.Ending is { } ending)
            {
                await ending.WaitAsync(cancellationToken);
                continue;
            }

            LiveDocument document;
            try
            {
                document = await entry.Loading.WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                return (null, "The document can't be loaded now: come back later.");
            }

            if (document.IsFull)
            {
                return (null, "Too many have this document open: come back later.");
            }

            if (document.Touch())
            {
                return (document, null);
            }

            // It was closed in this moment; its end is noted before long.
            await Task.Yield();
        }
    }

    /// <summary>Ends all documents, when the host has stopped and every connection is over.</summary>
    public void CloseAll()
    {
        Entry[] entries;
        lock (_lock)
        {
            _isClosed = true;
            _sweep?.Dispose();
            entries = [.. _entries.Values];
        }

        foreach (Entry entry in entries)
        {
            if (!entry.Loading.IsCompletedSuccessfully)
            {
                continue;
            }

            // The last updates may still be on their way to the store.
            LiveDocument document = entry.Loading.Result;
            if (SpinWait.SpinUntil(() => document.TryClose(TimeSpan.Zero) || entry.Ending is not null, _longestEnd) && entry.Ending is null)
            {
                document.EndAsync().GetAwaiter().GetResult();
            }

            entry.Ending?.Wait(_longestEnd);
        }
    }

    private async Task<LiveDocument> LoadAsync(string name)
    {
        IYjsDocumentLog? log = null;
        try
        {
            var state = new YjsDocument(joinsStructs: true);
            if (options.Store is not null)
            {
                log = await options.Store.OpenAsync(name);
                foreach (byte[] stored in await log.ReadAsync())
                {
                    if (ParsedUpdate.TryRead(stored, long.MaxValue, out ParsedUpdate? update, out YjsError? error))
                    {
                        state.Apply(update);
                    }
                    else
                    {
                        BadUpdate(name, error);
                    }
                }
            }

            metrics.DocumentLoaded();
            return new LiveDocument(name, state, log, options, metrics, logger, document => End(document.Name));
        }
        catch (Exception exception)
        {
            LoadFailed(exception, name);
            if (log is not null)
            {
                await log.DisposeAsync();
            }

            // The next one tries again.
            lock (_lock)
            {
                _entries.Remove(name);
            }

            throw;
        }
    }

    private void Sweep()
    {
        Entry[] entries;
        lock (_lock)
        {
            entries = [.. _entries.Values];
        }

        foreach (Entry entry in entries)
        {
            if (!entry.Loading.IsCompletedSuccessfully || entry.Ending is not null)
            {
                continue;
            }

            LiveDocument document = entry.Loading.Result;
            document.Sweep();
            if (document.TryClose(options.IdleTimeout))
            {
                End(document.Name);
            }
        }
    }

    // A document was closed. While its log is being given back, whoever wants it waits.
    private void End(string name)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(name, out Entry? entry) && entry.Ending is null)
            {
                entry.Ending = Task.Run(async () =>
                {
                    await entry.Loading.Result.EndAsync();
                    metrics.DocumentUnloaded();
                    lock (_lock)
                    {
                        _entries.Remove(name);
                    }
                });
            }
        }
    }

    [LoggerMessage(2, LogLevel.Error, "The Yjs document {Document} can't be loaded; clients are refused with 503.")]
    private partial void LoadFailed(Exception exception, string document);

    [LoggerMessage(
        3,
        LogLevel.Error,
        "What is stored of the Yjs document {Document} holds an update that can't be read, which is left out: {Error}"
    )]
    private partial void BadUpdate(string document, YjsError error);

    private sealed class Entry(Task<LiveDocument> loading)
    {
        public Task<LiveDocument> Loading { get; } = loading;

        /// <summary>Completes when the document is gone; null while it isn't going.</summary>
        public volatile Task? Ending;
    }
}
