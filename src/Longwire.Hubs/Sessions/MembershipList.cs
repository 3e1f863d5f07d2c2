namespace Longwire.Hubs;

/// <summary>The rooms of a session. Most sessions have one or two, and none has many, so an array does.</summary>
internal sealed class MembershipList
{
    private Membership[] _items = [];

    public int Count => _items.Length;

    public Membership? Find(string room)
    {
        foreach (Membership membership in _items)
        {
            if (membership.Room.Name == room)
            {
                return membership;
            }
        }

        return null;
    }

    /// <summary>
    /// When a session whose connection was lost leaves the first of its rooms: each may have a grace of its own.
    /// </summary>
    /// <param name="lostAt">When the connection was lost.</param>
    /// <param name="grace">The grace of rooms that have none of their own.</param>
    public TimeSpan NextDue(TimeSpan lostAt, TimeSpan grace) =>
        _items.Select(membership => DueAt(membership, lostAt, grace)).DefaultIfEmpty(MonotonicClock.Never).Min();

    /// <summary>The memberships that a session leaves by now, because its connection was lost.</summary>
    public IEnumerable<Membership> DueBy(TimeSpan now, TimeSpan lostAt, TimeSpan grace) =>
        _items.Where(membership => DueAt(membership, lostAt, grace) <= now);

    public void Add(Membership membership) => _items = [.. _items, membership];

    public void Remove(Membership membership) =>
        _items = _items.Length == 1 && _items[0] == membership ? [] : [.. _items.Where(item => item != membership)];

    private static TimeSpan DueAt(Membership membership, TimeSpan lostAt, TimeSpan grace)
    {
        TimeSpan own = membership.Room.Settings.PresenceGrace ?? grace;
        return own < MonotonicClock.Never - lostAt ? lostAt + own : MonotonicClock.Never;
    }

    /// <summary>The memberships now: the array is never changed, only replaced.</summary>
    public Membership[] Snapshot() => _items;
}
