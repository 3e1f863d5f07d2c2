namespace Longwire.Hubs.Engines;

/// <summary>Carries commands and questions to the nodes of the process.</summary>
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

    public async ValueTask SendAsync(string node, NodeCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        Find(node)?.Tell(command);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> AskAsync(string node, NodeQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        if (Find(node) is not { } asked || !await asked.TryPassAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        ReadOnlyMemory<byte> answer = await asked
            .Node.OnQuestionAsync(question)
            .AsTask()
            .WaitAsync(cancellationToken)
            .ConfigureAwait(false);
        // The answer has to come through as well.
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return await asked.TryPassAsync(cancellationToken).ConfigureAwait(false) ? answer : null;
    }

    private MemoryLink? Find(string node) => Array.FindLast(store.Nodes, link => link.Node.Id == node);
}
