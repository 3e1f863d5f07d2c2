namespace Longwire.Hubs.Engines;

/// <summary>
/// The newest version of each key of a room. The key that has not advanced for longest is forgotten first. Its room's lock guards it.
/// </summary>
internal sealed class KeyVersions(int maxKeys = 10_000)
{
    private readonly Dictionary<string, LinkedListNode<(string Key, long Version)>> _versions = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, long Version)> _order = new();

    public int Count => _versions.Count;

    /// <summary>The newest version of a key; null for none.</summary>
    public long? Find(string key) =>
        _versions.TryGetValue(key, out LinkedListNode<(string Key, long Version)>? known) ? known.Value.Version : null;

    /// <summary>Makes a version the newest. False when there is a newer one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version.</param>
    /// <param name="isFull">Whether a new key takes the place of another, although there are few.</param>
    public bool TryAdvance(string key, long version, bool isFull = false)
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

        if (_versions.Count == maxKeys || (isFull && _versions.Count > 0))
        {
            _versions.Remove(_order.First!.Value.Key);
            _order.RemoveFirst();
        }

        _versions.Add(key, _order.AddLast((key, version)));
        return true;
    }
}
