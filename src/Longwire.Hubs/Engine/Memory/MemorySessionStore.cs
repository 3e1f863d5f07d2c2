namespace Longwire.Hubs.Engines;

/// <summary>The sessions of all nodes, as one node sees them.</summary>
internal sealed class MemorySessionStore(MemoryHubStore store, MemoryLink link, bool isAlone) : ISessionStore
{
    public bool IsAlone => isAlone;

    public async ValueTask<long> SaveAsync(SessionRecord session, long generation, TimeSpan age, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Sessions.Save(session, generation, age, link);
    }

    public async ValueTask<TakenSession?> TakeAsync(string clientId, SecretHash secret, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Sessions.Take(clientId, secret, link);
    }

    public async ValueTask<string?> FindNodeAsync(string clientId, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Sessions.FindNode(clientId);
    }

    public async ValueTask RemoveAsync(string clientId, long generation, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        store.Sessions.Remove(clientId, generation, link);
    }
}
