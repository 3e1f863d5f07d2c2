namespace Longwire.Hubs;

/// <summary>
/// The service that applications inject to reach their clients, from any thread. It returns interfaces only, so that a unit test can put a
/// fake in its place.
/// </summary>
public interface IHub
{
    /// <summary>All sessions that have signed in, on all nodes.</summary>
    IHubEveryone All { get; }

    /// <summary>A room by its name; nobody needs to be in it.</summary>
    /// <param name="name">The room's name.</param>
    /// <exception cref="ArgumentException">The name is empty or has half of a surrogate pair.</exception>
    /// <exception cref="UnknownRoomException">No mapped template matches the name.</exception>
    IHubRoom Room(string name);

    /// <summary>All sessions of a user, on all nodes.</summary>
    /// <param name="userId">The user's id.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    IHubUser User(string userId);

    /// <summary>One session, on whichever node it is.</summary>
    /// <param name="clientId">The session's client id.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    IHubSession Session(string clientId);
}
