namespace Longwire.Hubs;

/// <summary>The resource that authorization policies get when a session wants to join a room.</summary>
public sealed class RoomResource
{
    /// <summary>Creates a resource.</summary>
    /// <param name="name">The room's name.</param>
    /// <param name="values">The values of the name's parameters.</param>
    /// <param name="session">The session.</param>
    public RoomResource(string name, IReadOnlyDictionary<string, string> values, IHubSession session)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(session);
        Name = name;
        Values = values;
        Session = session;
    }

    /// <summary>The room's name.</summary>
    public string Name { get; }

    /// <summary>The values of the name's parameters, by their names.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>The session that wants to join.</summary>
    public IHubSession Session { get; }
}
