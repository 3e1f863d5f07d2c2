namespace Longwire.Hubs.Client;

/// <summary>
/// Things by keys and versions, in pages and changes that cross on their way: a room's map, or its users. Entries count by their versions,
/// so that they come to the same whatever overtakes what. Thread safe.
/// </summary>
internal sealed class Replica<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (T? Value, long Version)> _known = new(StringComparer.Ordinal);
    private bool _isReading;
    private bool _isPart; // the pages that are missing are of what changed only
    private int _beginnings;
    private int _pages; // asked for, and not taken yet

    private long? _next = 0;

    /// <summary>Whether all pages were had.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _next is null;
            }
        }
    }

    /// <summary>Behind which version the next page begins; null when the last one was had.</summary>
    public long? Next
    {
        get
        {
            lock (_gate)
            {
                return _next;
            }
        }
    }

    /// <summary>How often all of it began anew.</summary>
    public int Beginnings
    {
        get
        {
            lock (_gate)
            {
                return _beginnings;
            }
        }
    }

    /// <summary>The greatest version of a message.</summary>
    public long Version { get; private set; }

    public (T Value, long Version)? Find(string key)
    {
        lock (_gate)
        {
            return _known.TryGetValue(key, out (T? Value, long Version) entry) && entry.Value is { } value ? (value, entry.Version) : null;
        }
    }

    public KeyValuePair<string, T>[] ToArray()
    {
        lock (_gate)
        {
            return
            [
                .. _known
                    .Where(static entry => entry.Value.Value is not null)
                    .Select(static entry => new KeyValuePair<string, T>(entry.Key, entry.Value.Value!)),
            ];
        }
    }

    /// <summary>Takes an entry; null for one that was removed. False when a newer one is known.</summary>
    public bool Take(string key, T? value, long version)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(key, out (T? Value, long Version) known) && known.Version >= version)
            {
                return false;
            }

            _known[key] = (value, version);
            if (value is null)
            {
                ForgetRemoved(key);
            }

            return true;
        }
    }

    /// <summary>Begins the first page: of everything, or of what changed since the client was here last.</summary>
    public void Begin(bool isWhole)
    {
        if (isWhole)
        {
            Reset();
        }
    }

    /// <summary>
    /// The client was away. Where it had read a part of what changed, all is to be read anew: what was removed may be forgotten by the
    /// time that the rest of it is read.
    /// </summary>
    public void DropPart()
    {
        lock (_gate)
        {
            if (_isPart)
            {
                Reset();
            }
        }
    }

    /// <summary>Takes a page, unless all began anew since it was asked for: what is gone may be in it.</summary>
    /// <param name="beginnings">How often all had begun when the page was asked for.</param>
    /// <param name="take">Takes its entries, and ends it.</param>
    public void TakePage(int beginnings, Action take)
    {
        lock (_gate)
        {
            if (beginnings == _beginnings)
            {
                take();
            }
        }
    }

    /// <summary>Ends a page.</summary>
    /// <param name="next">Where the next one begins; null where there is none.</param>
    /// <param name="version">The version of the whole.</param>
    /// <param name="isWhole">
    /// Whether it goes on from what was had; else it is what changed, and pages that were not had are still to be read.
    /// </param>
    public void End(long? next, long version, bool isWhole)
    {
        lock (_gate)
        {
            Version = Math.Max(Version, version);
            if (isWhole || _next is null)
            {
                _next = next;
                _isPart = next is not null && (_isPart || !isWhole);
            }

            ForgetAllRemoved();
        }
    }

    /// <summary>A page is about to be asked for. Until it has come, what is removed is remembered: the page may have it still.</summary>
    public void BeginPage()
    {
        lock (_gate)
        {
            _pages++;
        }
    }

    /// <summary>A page was taken, or does not come.</summary>
    public void EndPage()
    {
        lock (_gate)
        {
            _pages--;
            ForgetAllRemoved();
        }
    }

    /// <summary>All of it is to be read anew.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _known.Clear();
            _next = 0;
            _isPart = false;
            _beginnings++;
        }
    }

    /// <summary>Begins to read pages, unless that goes on already or there are none.</summary>
    public bool TryBeginReading()
    {
        lock (_gate)
        {
            if (_isReading || _next is null)
            {
                return false;
            }

            return _isReading = true;
        }
    }

    public void EndReading()
    {
        lock (_gate)
        {
            _isReading = false;
        }
    }

    private void ForgetAllRemoved()
    {
        foreach (string key in _known.Where(static entry => entry.Value.Value is null).Select(static entry => entry.Key).ToArray())
        {
            ForgetRemoved(key);
        }
    }

    private void ForgetRemoved(string key)
    {
        if (_next is null && _pages == 0)
        {
            _known.Remove(key);
        }
    }
}
