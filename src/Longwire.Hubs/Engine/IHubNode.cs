namespace Longwire.Hubs.Engines;

/// <summary>
/// An engine's messages to a node of the hub. Calls return at once and never throw: the node queues. For one room they are made one at a
/// time and in order.
/// </summary>
public interface IHubNode
{
    /// <summary>This node's name, which no other node has.</summary>
    string Id { get; }

    /// <summary>A publication in a room that this node subscribes to. Where one is missing before it, the node reads it.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="publication">The publication.</param>
    void OnPublication(string room, Publication publication);

    /// <summary>A session joined or left a room that this node subscribes to.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="change">Who, and how many members there are now.</param>
    void OnPresence(string room, PresenceChange change);

    /// <summary>A command from any node, this one included.</summary>
    /// <param name="command">The command.</param>
    void OnCommand(NodeCommand command);

    /// <summary>The engine can be reached again, or no more.</summary>
    /// <param name="state">Which.</param>
    void OnEngineState(EngineState state);
}
