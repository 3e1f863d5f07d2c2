using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// Keeps this node's sessions among those of all nodes. While the engine is away sessions live on as they are: what could not be saved is
/// saved when it is back, and what could not be removed is removed then.
/// </summary>
internal sealed class SessionKeeper(NodeContext node, NodeLease lease)
{
    private readonly ISessionStore _store = node.Engine.Sessions;
    private readonly ConcurrentDictionary<string, long> _owed = new(StringComparer.Ordinal);
    private bool _isRemoving;

    /// <summary>Whether there is no other node: then nothing is saved.</summary>
    public bool IsAlone { get; } = node.Engine.Sessions.IsAlone;

    /// <summary>Whether the engine has still to be told that sessions are over.</summary>
    public bool IsOwing => !_owed.IsEmpty;

    /// <summary>
    /// Saves a session. Returns the generation that the node has from now on; 0 when another node has taken it. Never throws.
    /// </summary>
    public async ValueTask<long> SaveAsync(SessionRecord session, long generation)
    {
        try
        {
            return await _store.SaveAsync(session, generation, node.Settings.ResumeWindow, node.Stopping).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!node.IsStopping)
            {
                node.Log.EngineUnavailable(exception, "session");
            }

            // With its members the session is saved again.
            lease.OnAddingFailed();
            return Math.Max(1, generation);
        }
    }

    /// <summary>Makes a session this node's.</summary>
    public ValueTask<TakenSession?> TakeAsync(string clientId, SecretHash secret) => _store.TakeAsync(clientId, secret, node.Stopping);

    /// <summary>The node that has a session, when that is another one.</summary>
    public async ValueTask<string?> FindOtherNodeAsync(string clientId)
    {
        string? found = IsAlone ? null : await _store.FindNodeAsync(clientId, node.Stopping).ConfigureAwait(false);
        return found == node.Id ? null : found;
    }

    /// <summary>Has the node that had a session let go of it. Never throws: a node that does not hear it learns it by saving.</summary>
    public async ValueTask TellFormerNodeAsync(TakenSession taken)
    {
        try
        {
            var command = new NodeCommand(NodeCommandTarget.Session, taken.Record.ClientId) { TakenGeneration = taken.Generation };
            await node.Engine.Nodes.SendAsync(taken.Node, command, node.Stopping).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            node.Log.EngineUnavailable(exception, "session");
        }
    }

    /// <summary>A session is over. Never throws: what the engine could not be told is owed.</summary>
    public async ValueTask RemoveAsync(string clientId, long generation)
    {
        try
        {
            await _store.RemoveAsync(clientId, generation, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            node.Log.LeaveOwed(exception, "session");
            // A later generation's may have failed sooner, and holds for both.
            _owed.AddOrUpdate(clientId, generation, (_, owed) => Math.Max(owed, generation));
        }
    }

    /// <summary>The hub's clock calls this every second: removes what is owed. Returns at once.</summary>
    public void OnClock()
    {
        if (!_owed.IsEmpty && !Interlocked.Exchange(ref _isRemoving, true))
        {
            _ = RemoveOwedAsync();
        }
    }

    private async Task RemoveOwedAsync()
    {
        try
        {
            foreach ((string clientId, long generation) in _owed)
            {
                await _store.RemoveAsync(clientId, generation, CancellationToken.None).ConfigureAwait(false);
                _owed.TryRemove(KeyValuePair.Create(clientId, generation));
            }
        }
        catch (HubUnavailableException)
        {
            // It is away still, which was logged.
        }
        catch (Exception exception)
        {
            node.Log.LeaveOwed(exception, "session");
        }
        finally
        {
            Volatile.Write(ref _isRemoving, false);
        }
    }
}
