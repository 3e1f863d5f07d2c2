namespace Longwire.Hubs;

/// <summary>
/// The rooms of a session. Most sessions have one, which is held without a list, and none has many, so an array does. A struct because each
/// session has one.
/// </summary>
internal struct MembershipList
{
    // A membership, or an array of them, which is never changed but replaced; null for none.
    private volatile object? _items;

    public readonly int Count =>
        _items switch
        {
            null => 0,
            Membership[] many => many.Length,
            _ => 1,
        };

    /// <summary>One of the memberships.</summary>
    public readonly Membership this[int index] => _items is Membership[] many ? many[index] : (Membership)_items!;

    public readonly Membership? Find(string room)
    {
        object? items = _items;
        if (items is not Membership[] many)
        {
            return items is Membership one && one.Room.Name == room ? one : null;
        }

        foreach (Membership membership in many)
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
    public readonly TimeSpan NextDue(TimeSpan lostAt, TimeSpan grace) =>
        ToArray().Select(membership => DueAt(membership, lostAt, grace)).DefaultIfEmpty(MonotonicClock.Never).Min();

    /// <summary>The memberships that a session leaves by now, because its connection was lost.</summary>
    public readonly IEnumerable<Membership> DueBy(TimeSpan now, TimeSpan lostAt, TimeSpan grace) =>
        ToArray().Where(membership => DueAt(membership, lostAt, grace) <= now);

    public void Add(Membership membership) => _items = _items is null ? membership : (Membership[])[.. ToArray(), membership];

    /// <summary>The membership of the same room is another one from here on.</summary>
    public void Replace(Membership membership) =>
        _items = _items is Membership[] many ? many.Select(item => item.Room == membership.Room ? membership : item).ToArray() : membership;

    /// <summary>Removes the membership of the same room.</summary>
    public void Remove(Membership membership)
    {
        Membership[] left = [.. ToArray().Where(item => item.Room != membership.Room)];
        _items =
            left.Length == 1 ? left[0]
            : left.Length == 0 ? null
            : left;
    }

    /// <summary>The memberships now. The array is not to be changed.</summary>
    public readonly Membership[] ToArray() =>
        _items switch
        {
            Membership one => [one],
            Membership[] many => many,
            _ => [],
        };

    private static TimeSpan DueAt(Membership membership, TimeSpan lostAt, TimeSpan grace)
    {
        TimeSpan own = membership.Room.Settings.PresenceGrace ?? grace;
        return own < MonotonicClock.Never - lostAt ? lostAt + own : MonotonicClock.Never;
    }
}
