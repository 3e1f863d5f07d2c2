namespace Longwire.Hubs;

/// <summary>
/// Room options by name. An entry is a full name, or a prefix followed by <c>*</c> (<c>chat:*</c>). The full name wins, then the
/// longest prefix, then <see cref="Default"/>. Fill it before the hub is created, which takes a copy.
/// </summary>
public sealed class RoomOptionsTable
{
    private readonly Dictionary<string, RoomOptions> _names = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, RoomOptions Options)> _prefixes = [];

    /// <summary>
    /// The options of rooms that no entry names; null means there are no such rooms, and joining one is <c>unknown-room</c>.
    /// </summary>
    public RoomOptions? Default { get; set; } = new();

    /// <summary>Finds the options of the rooms that the application mapped; where it did, there are no others.</summary>
    internal Func<string, RoomOptions?>? Mapped { get; set; }

    internal RoomOptionsTable Copy()
    {
        var copy = new RoomOptionsTable { Default = Default is null ? null : Default with { } };
        foreach ((string name, RoomOptions options) in _names)
        {
            copy._names.Add(name, options with { });
        }

        copy._prefixes.AddRange(_prefixes.Select(static entry => (entry.Prefix, entry.Options with { })));
        return copy;
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="pattern">A name, or a prefix followed by <c>*</c>.</param>
    /// <param name="options">The options.</param>
    /// <returns>This table.</returns>
    /// <exception cref="ArgumentException">The pattern is empty, has a <c>*</c> before its end, or was added already.</exception>
    public RoomOptionsTable Add(string pattern, RoomOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        pattern = Names.Normalize(pattern);
        int star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            _names.Add(pattern, options);
            return this;
        }

        string prefix = pattern[..star];
        if (star != pattern.Length - 1 || _prefixes.Exists(entry => entry.Prefix == prefix))
        {
            throw new ArgumentException("A star may stand at the end only, and a pattern may be added once.", nameof(pattern));
        }

        int index = _prefixes.FindIndex(entry => entry.Prefix.Length < prefix.Length);
        _prefixes.Insert(index < 0 ? _prefixes.Count : index, (prefix, options));
        return this;
    }

    /// <summary>The options of a room; null when there is no such room.</summary>
    /// <param name="room">The room's name.</param>
    public RoomOptions? Find(string room)
    {
        if (Mapped is { } find)
        {
            return find(room);
        }

        if (_names.TryGetValue(room, out RoomOptions? options))
        {
            return options;
        }

        foreach ((string? prefix, RoomOptions? prefixOptions) in _prefixes)
        {
            if (room.StartsWith(prefix, StringComparison.Ordinal))
            {
                return prefixOptions;
            }
        }

        return Default;
    }
}
