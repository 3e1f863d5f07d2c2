namespace Longwire.Hubs.Engines;

/// <summary>
/// The hub's one seam to the outside, in its roles. The hub owns the repair of gaps, the adding of members again and retries; an engine
/// only says what it knows. All members of all roles are called from many threads at once. When the outside is away they throw
/// <see cref="HubUnavailableException"/>; they never pretend.
/// </summary>
public interface IHubEngine : IAsyncDisposable
{
    /// <summary>Orders and keeps publications.</summary>
    IPublicationStore Publications { get; }

    /// <summary>Keeps the maps of rooms.</summary>
    IMapStore Maps { get; }

    /// <summary>Knows who is in a room, on all nodes.</summary>
    IPresenceStore Presence { get; }

    /// <summary>Remembers of users what outlives their sessions.</summary>
    IUserStore Users { get; }

    /// <summary>Knows the sessions of all nodes.</summary>
    ISessionStore Sessions { get; }

    /// <summary>Carries commands and questions between nodes.</summary>
    INodeBus Nodes { get; }

    /// <summary>Called once, before all else.</summary>
    /// <param name="node">The node to tell.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StartAsync(IHubNode node, CancellationToken cancellationToken);
}
