namespace Longwire.Hubs;

/// <summary>Which sessions belong to a user. Most users have one or two, so a list does. Thread-safe.</summary>
internal sealed class UserIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<HubSession>> _sessions = new(StringComparer.Ordinal);

    public void Replace(HubSession session, string? before, string after)
    {
        lock (_gate)
        {
            if (before == after)
            {
                return;
            }

            Remove(session, before);
            if (!_sessions.TryGetValue(after, out List<HubSession>? list))
            {
                _sessions[after] = list = new List<HubSession>(1);
            }

            list.Add(session);
        }
    }

    public void Remove(HubSession session)
    {
        lock (_gate)
        {
            Remove(session, session.Identity?.UserId);
        }
    }

    public HubSession[] Find(string userId)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(userId, out List<HubSession>? list) ? [.. list] : [];
        }
    }

    private void Remove(HubSession session, string? userId)
    {
        if (userId is not null && _sessions.TryGetValue(userId, out List<HubSession>? list) && list.Remove(session) && list.Count == 0)
        {
            _sessions.Remove(userId);
        }
    }
}
