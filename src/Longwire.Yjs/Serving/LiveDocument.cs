using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Longwire.Yjs;

/// <summary>
/// A document that is in memory, and who has it open. An update is stored first, then applied and sent to everyone: so nobody sees what a
/// crash could take away. Thread safe.
/// </summary>
internal sealed partial class LiveDocument
{
    // A document whose clients leave holes on purpose would make each of their updates slow.
    private const int MostHoles = 10_000;

    private const int MostPendingBytes = 4 << 20;
    private const long LeastGrowthBytes = 1 << 20;

    // Clients leave a server that says nothing for 30 to 45 s.
    private static readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly YjsOptions _options;
    private readonly TimeProvider _time;
    private readonly YjsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly IYjsDocumentLog? _log;
    private readonly Action<LiveDocument> _failed;
    private readonly YjsDocument _state;
    private readonly List<YjsMember> _members = [];
    private readonly List<YjsMember> _paused = [];
    private readonly AwarenessStates _awareness;
    private List<ParsedUpdate> _pending = [];
    private long _pendingBytes;
    private long _replacedBytes;
    private bool _isStoring;
    private bool _isClosed;
    private bool _hasFailed;
    private long _lastUsed;
    private long _lastSent;

    public LiveDocument(
        string name,
        YjsDocument state,
        IYjsDocumentLog? log,
        YjsOptions options,
        YjsMetrics metrics,
        ILogger logger,
        Action<LiveDocument> failed
    )
    {
        _name = name;
        _state = state;
        _log = log;
        _replacedBytes = log?.Bytes ?? 0;
        _options = options;
        _time = options.Endpoint.Connection.TimeProvider;
        _metrics = metrics;
        _logger = logger;
        _failed = failed;
        _awareness = new AwarenessStates(_time, 2 * options.MaxConnectionsPerDocument, options.MaxAwarenessStateBytes);
        _lastUsed = _lastSent = _time.GetTimestamp();
    }

    public string Name => _name;

    /// <summary>Keeps the document in memory for whoever is about to join.</summary>
    /// <returns>Whether it is still open.</returns>
    public bool Touch()
    {
        lock (_lock)
        {
            _lastUsed = _time.GetTimestamp();
            return !_isClosed;
        }
    }

    /// <summary>Whether one more may join.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _members.Count >= _options.MaxConnectionsPerDocument;
            }
        }
    }

    public void Join(YjsMember member)
    {
        lock (_lock)
        {
            if (_isClosed || _members.Count >= _options.MaxConnectionsPerDocument)
            {
                member.Connection.TryClose(CloseStatus.TryAgainLater, "Try again later");
                return;
            }

            member.Index = _members.Count;
            _members.Add(member);
            member.SentVersion = _version;
            // A reader has nothing that the document may lack.
            member.Owed =
                (member.MayWrite ? OwedMessages.Step1 : OwedMessages.None)
                | (_awareness.IsEmpty ? OwedMessages.None : OwedMessages.Awareness);
            SendWhatIsOwed(member);
        }
    }

    public void Leave(YjsMember member)
    {
        lock (_lock)
        {
            if (member.Index < 0)
            {
                return;
            }

            YjsMember last = _members[^1];
            _members[member.Index] = last;
            last.Index = member.Index;
            _members.RemoveAt(_members.Count - 1);
            member.Index = -1;
            _paused.Remove(member);
            _awareness.Remove(member);
            FlushAwareness();
            _lastUsed = _time.GetTimestamp();
        }
    }

    /// <summary>A member brings an update (sync step 2, or update).</summary>
    public YjsError? Write(YjsMember member, ReadOnlySpan<byte> bytes)
    {
        if (!ParsedUpdate.TryRead(bytes.ToArray(), _options.MaxDocumentBytes, out ParsedUpdate? update, out YjsError? error))
        {
            return error;
        }

        lock (_lock)
        {
            if (_isClosed || member.Index < 0 || !_state.IsNew(update))
            {
                return null;
            }

            if (!member.MayWrite)
            {
                if (!member.WasDenied)
                {
                    member.WasDenied = true;
                    member.Connection.TrySend(YjsMessages.Denied("You may read this document, but not write to it."));
                }

                return null;
            }

            if (_state.MemoryBytes + _pendingBytes >= _options.MaxDocumentBytes || _state.HoleCount >= MostHoles)
            {
                member.Connection.TryClose(YjsCloseStatus.DocumentTooLarge, "The document is as large as it may be.");
                return null;
            }

            if (_log is null)
            {
                Publish(update);
                return null;
            }

            _pending.Add(update);
            _pendingBytes += update.Bytes.Length;
            if (_pendingBytes > MostPendingBytes)
            {
                member.Connection.PauseReceiving();
                _paused.Add(member);
            }

            if (!_isStoring)
            {
                _isStoring = true;
                ThreadPool.UnsafeQueueUserWorkItem(static document => _ = document.StoreAsync(), this, preferLocal: false);
            }

            return null;
        }
    }

    /// <summary>Closes the document when nobody has it open, and nobody had for a while.</summary>
    /// <param name="idle">For how long.</param>
    /// <returns>Whether it is closed now; then <see cref="EndAsync"/> follows.</returns>
    public bool TryClose(TimeSpan idle)
    {
        lock (_lock)
        {
            if (_isClosed || _members.Count > 0 || _isStoring || _time.GetElapsedTime(_lastUsed) < idle)
            {
                return false;
            }

            _isClosed = true;
            return true;
        }
    }

    /// <summary>Gives back what a closed document holds.</summary>
    public async Task EndAsync()
    {
        Debug.Assert(_isClosed, "A document is closed before it ends.");
        lock (_lock)
        {
            _awarenessTimer?.Dispose();
        }

        if (_log is null)
        {
            return;
        }

        try
        {
            if (!_hasFailed && _log.Bytes > _replacedBytes + (_replacedBytes / 8))
            {
                await ReplaceAsync(_log);
            }

            await _log.DisposeAsync();
        }
        catch (Exception exception)
        {
            StoreFailed(exception, _name);
        }
    }

    /// <summary>The document's periodic work.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            _awareness.Expire();
            FlushAwareness();
            ForgetAnswers();
            if (_members.Count > 0 && _time.GetElapsedTime(_lastSent) >= _longestSilence)
            {
                SendToAll(YjsMessages.Alive);
            }
        }
    }

    // The only one that stores: as long as updates come, batch by batch.
    private async Task StoreAsync()
    {
        Debug.Assert(_log is not null, "Only a document with a log stores.");
        try
        {
            while (true)
            {
                List<ParsedUpdate> batch;
                lock (_lock)
                {
                    if (_pending.Count == 0 || _isClosed)
                    {
                        _isStoring = false;
                        return;
                    }

                    batch = _pending;
                    (_pending, _pendingBytes) = ([], 0);
                }

                await _log.AppendAsync(batch.ConvertAll(static update => new ReadOnlyMemory<byte>(update.Bytes)));
                lock (_lock)
                {
                    foreach (ParsedUpdate update in batch)
                    {
                        Publish(update);
                    }

                    foreach (YjsMember member in _paused)
                    {
                        member.Connection.ResumeReceiving();
                    }

                    _paused.Clear();
                }

                if (_log.Bytes > (2 * _replacedBytes) + LeastGrowthBytes)
                {
                    await ReplaceAsync(_log);
                }
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private async Task ReplaceAsync(IYjsDocumentLog log)
    {
        byte[] state;
        lock (_lock)
        {
            // Nothing is applied that is not stored, so this is exactly what the log holds.
            state = _state.EncodeState();
        }

        await log.ReplaceAsync(state);
        _replacedBytes = log.Bytes;
    }

    // The document can't be stored any more. Its clients have all that they wrote; they come back and bring it again.
    private void Fail(Exception exception)
    {
        StoreFailed(exception, _name);
        YjsMember[] members;
        lock (_lock)
        {
            _hasFailed = true;
            _isClosed = true;
            _isStoring = false;
            members = [.. _members];
        }

        foreach (YjsMember member in members)
        {
            member.Connection.ResumeReceiving();
            member.Connection.TryClose(CloseStatus.InternalError, "The document can't be stored now. Connect again.");
        }

        _failed(this);
    }

    [LoggerMessage(
        1,
        LogLevel.Error,
        "The Yjs document {Document} can't be stored; its clients are closed with 1011 and bring what is missing when they come back."
    )]
    private partial void StoreFailed(Exception exception, string document);
}
