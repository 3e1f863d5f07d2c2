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

    /// <summary>
    /// A question of another node, or of this one. The answer may take as long as the one who asks waits. Never fails: what can't be
    /// answered is answered with nothing.
    /// </summary>
    /// <param name="question">The question.</param>
    ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question);

    /// <summary>Somebody was banned, a ban was lifted, or something was revoked. A node reads the blocks that it has missed.</summary>
    /// <param name="block">The block, with its version.</param>
    void OnBlock(AccessBlock block);

    /// <summary>The engine can be reached again, or no more.</summary>
    /// <param name="state">Which.</param>
    void OnEngineState(EngineState state);
}
