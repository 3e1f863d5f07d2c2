namespace Longwire.Hubs.Engines;

/// <summary>Carries commands between nodes.</summary>
public interface INodeBus
{
    /// <summary>Sends a command to all nodes, this one included. A node that is away does not get it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask BroadcastAsync(NodeCommand command, CancellationToken cancellationToken);
}
