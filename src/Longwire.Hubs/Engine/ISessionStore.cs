namespace Longwire.Hubs.Engines;

/// <summary>
/// Knows the sessions of all nodes, so that a client may come back to any of them. A session is one node's at a time. Its generation grows
/// each time that a node takes it: who has an older one has it no more.
/// </summary>
public interface ISessionStore
{
    /// <summary>
    /// Whether this node is the only one that there is or will be. Then the hub asks nobody for its sessions, and saves none. Default:
    /// false.
    /// </summary>
    bool IsAlone => false;

    /// <summary>
    /// Saves a session as it is now, in the place of what was saved before; the secret before the newest counts from now. It is kept as
    /// long as this node lives by its lease (<see cref="IPresenceStore.RenewLeaseAsync"/>), and for an age from the lease's end, or from
    /// now where that is later. Returns the generation that this node has from now on: the one given, or 1 for a new session. Where the
    /// store has forgotten the session it is a generation like a taken one, since another node may have had it meanwhile: the hub adds the
    /// session's members again by it. Returns 0, and saves nothing, when another generation was taken or removed.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="generation">The generation that this node has; 0 for a session that began here and was never saved.</param>
    /// <param name="age">For how long a session can be resumed.</param>
    /// <param name="cancellationToken">Gives up; it may have been saved all the same.</param>
    ValueTask<long> SaveAsync(SessionRecord session, long generation, TimeSpan age, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a session this node's, in one step: each caller gets a generation of its own, and the greatest counts. It is greater than any
    /// that was given before, of sessions that the store has forgotten, too. Null when there is no such session, or the secret is neither
    /// the newest nor the one before; then nothing changes.
    /// </summary>
    /// <param name="clientId">The session's client id.</param>
    /// <param name="secret">The hash of the secret that the client presents.</param>
    /// <param name="cancellationToken">Gives up; it may have been taken all the same.</param>
    ValueTask<TakenSession?> TakeAsync(string clientId, SecretHash secret, CancellationToken cancellationToken);

    /// <summary>The id of the node that has a session; null when there is no such session.</summary>
    /// <param name="clientId">The session's client id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<string?> FindNodeAsync(string clientId, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a session, which is over. Does nothing when another generation was taken. No older generation can be saved from here on.
    /// </summary>
    /// <param name="clientId">The session's client id.</param>
    /// <param name="generation">The generation that this node has.</param>
    /// <param name="cancellationToken">Gives up; it may have been removed all the same.</param>
    ValueTask RemoveAsync(string clientId, long generation, CancellationToken cancellationToken);
}
