using System.Collections.Concurrent;
using System.Security.Claims;

namespace Longwire.JavaScript.Hub;

/// <summary>How many handshakes have come, and how many sessions each user has. Any thread.</summary>
internal sealed class Counts
{
    private readonly ConcurrentDictionary<string, int> _sessions = new();
    private int _handshakes;

    public void Handshake() => Interlocked.Increment(ref _handshakes);

    public ValueTask Connected(ClaimsPrincipal user) => Add(user, 1);

    public ValueTask Disconnected(ClaimsPrincipal user) => Add(user, -1);

    public object Snapshot() => new { Handshakes = Volatile.Read(ref _handshakes), Sessions = _sessions };

    private ValueTask Add(ClaimsPrincipal user, int count)
    {
        _sessions.AddOrUpdate(user.FindFirstValue(ClaimTypes.NameIdentifier)!, count, (_, before) => before + count);
        return ValueTask.CompletedTask;
    }
}
