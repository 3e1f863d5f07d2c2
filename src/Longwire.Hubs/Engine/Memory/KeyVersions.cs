namespace Longwire.Hubs.Engines;

/// <summary>
/// The newest version of each key of a room. The key not published for longest is forgotten first. Its room's lock guards it.
/// </summary>
internal sealed class KeyVersions
{
    private const int MaxKeys = 10_000;

    private readonly Dictionary<string, LinkedListNode<(string Key, long Version)>> _versions = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, long Version)> _order = new();

    /// <summary>Makes a version the newest. False when there is a newer one.</summary>
    public bool TryAdvance(string key, long version)
    {
        if (_versions.TryGetValue(key, out LinkedListNode<(string Key, long Version)>? known))
        {
            if (version < known.Value.Version)
            {
                return false;
            }

            known.Value = (key, version);
            _order.Remove(known);
            _order.AddLast(known);
            return true;
        }

        if (_versions.Count == MaxKeys)
        {
            _versions.Remove(_order.First!.Value.Key);
            _order.RemoveFirst();
        }

        _versions.Add(key, _order.AddLast((key, version)));
        return true;
    }
}
