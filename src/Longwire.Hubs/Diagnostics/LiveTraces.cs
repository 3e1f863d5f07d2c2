using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// The users and rooms that an administrator watches now. A connection and a room each have a field for their trace; whoever is not
/// watched pays for looking whether it is empty. Thread-safe.
/// </summary>
internal sealed class LiveTraces(int most)
{
    private readonly ConcurrentDictionary<(bool IsRoom, string Name), LiveTrace> _traces = new();

    // Whether there is any, so that newcomers need not look theirs up.
    private volatile int _count;

    /// <summary>The trace of a user; null for none.</summary>
    public LiveTrace? OfUser(string userId) => _count == 0 ? null : _traces.GetValueOrDefault((false, userId));

    /// <summary>The trace of a room; null for none.</summary>
    public LiveTrace? OfRoom(string room) => _count == 0 ? null : _traces.GetValueOrDefault((true, room));

    /// <summary>Adds a trace. False when there are as many as there may be, or there is one of that user or room already.</summary>
    public bool TryAdd(LiveTrace trace)
    {
        lock (_traces)
        {
            if (_count >= most || !_traces.TryAdd((trace.IsRoom, trace.Name), trace))
            {
                return false;
            }

            _count++;
            return true;
        }
    }

    /// <summary>Removes a trace.</summary>
    public void Remove(LiveTrace trace)
    {
        lock (_traces)
        {
            if (_traces.TryRemove(KeyValuePair.Create((trace.IsRoom, trace.Name), trace)))
            {
                _count--;
            }
        }
    }
}
