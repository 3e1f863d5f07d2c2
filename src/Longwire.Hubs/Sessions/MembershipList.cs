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

    public void Add(Membership membership) => _items = [.. _items, membership];

    public void Remove(Membership membership) =>
        _items = _items.Length == 1 && _items[0] == membership ? [] : [.. _items.Where(item => item != membership)];

    /// <summary>The memberships now: the array is never changed, only replaced.</summary>
    public Membership[] Snapshot() => _items;
}
