namespace Longwire.Hubs;

/// <summary>The requests of a session that were refused for now and have not come again, the newest 64. Any thread.</summary>
internal sealed class RefusedRequests
{
    private const int Capacity = 64;

    private readonly Lock _gate = new();
    private readonly List<string> _ids = [];

    /// <summary>A request is refused for now.</summary>
    public void Add(string id)
    {
        lock (_gate)
        {
            _ids.Remove(id);
            if (_ids.Count == Capacity)
            {
                _ids.RemoveAt(0);
            }

            _ids.Add(id);
        }
    }

    /// <summary>A request has come, perhaps again.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="afterId">The id of the request that it must not overtake.</param>
    /// <returns>Whether that one was refused for now, and this one has to be, too.</returns>
    public bool MustWait(string? id, string? afterId)
    {
        lock (_gate)
        {
            if (afterId is not null && _ids.Contains(afterId))
            {
                return true;
            }

            if (id is not null)
            {
                _ids.Remove(id);
            }

            return false;
        }
    }
}
