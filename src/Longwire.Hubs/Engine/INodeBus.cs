namespace Longwire.Hubs.Engines;

/// <summary>Carries commands and questions between nodes. A node that is away does not get them.</summary>
public interface INodeBus
{
    /// <summary>Sends a command to all nodes, this one included.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask BroadcastAsync(NodeCommand command, CancellationToken cancellationToken);

    /// <summary>Sends a command to one node. Nothing happens when there is none of that name.</summary>
    /// <param name="node">The node's id.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask SendAsync(string node, NodeCommand command, CancellationToken cancellationToken);

    /// <summary>
    /// Asks a node (<see cref="IHubNode.OnQuestionAsync"/>), and returns its answer; null when no node of that name hears it. The caller
    /// limits how long it waits.
    /// </summary>
    /// <param name="node">The node's id.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ReadOnlyMemory<byte>?> AskAsync(string node, NodeQuestion question, CancellationToken cancellationToken);
}
