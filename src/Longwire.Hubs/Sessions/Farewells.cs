using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// Connections that the hub has closed between two requests of their clients, which are told when they ask again. Thread-safe.
/// </summary>
internal sealed class Farewells
{
    private readonly ConcurrentDictionary<string, HubLink> _links = new(StringComparer.Ordinal);

    public void Add(HubLink link) => _links[link.ClientId] = link;

    public void Remove(HubLink link) => _links.TryRemove(KeyValuePair.Create(link.ClientId, link));

    /// <summary>The client has another connection.</summary>
    public void Forget(string clientId) => _links.TryRemove(clientId, out _);

    /// <summary>The one that a client had whose secret is given.</summary>
    public HubLink? Find(string clientId, SecretHash secret) =>
        _links.TryGetValue(clientId, out HubLink? link)
        && SessionSecret.TryParse(link.Secret, out _, out byte[] known)
        && SecretHash.Of(known).Matches(secret)
            ? link
            : null;
}
