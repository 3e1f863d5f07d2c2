namespace Longwire.Hubs.Engines;

/// <summary>Carries commands to all nodes of the process.</summary>
internal sealed class MemoryNodeBus(MemoryHubStore store, MemoryLink link) : INodeBus
{
    public async ValueTask BroadcastAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        foreach (MemoryLink node in store.Nodes)
        {
            node.Tell(command);
        }
    }
}
